public import Tensor

/// Whether each query draws its own negatives or all queries of a class share one draw.
public enum Sampling: String, Sendable, Hashable, Codable, CaseIterable {
  /// Every query draws its own: the paper's way and the default.
  case perQuery
  /// One draw a class and step: cheaper, with correlated gradients.
  case perClass
}

/// Which rows serve as negatives of which query.
public struct NegativeDraws: Sendable, Hashable {
  /// `[L, n]`: L lists of n rows.
  public let lists: IndexTensor
  /// For each query, its list.
  public let listOfQuery: [Int32]

  /// Creates draws made elsewhere.
  ///
  /// - Precondition: `lists` is `[L, n]`, and every query names one of them.
  public init(lists: IndexTensor, listOfQuery: [Int32]) {
    check(lists.shape.rank == 2, "NegativeDraws: lists \(lists.shape), expected [L, n]")
    check(
      listOfQuery.allSatisfy { $0 >= 0 && $0 < lists.shape[0] },
      "NegativeDraws: a query names a list outside 0..<\(lists.shape[0])")
    self.lists = lists
    self.listOfQuery = listOfQuery
  }

  /// Draws rows uniformly with replacement, as from the memory bank.
  ///
  /// - Parameters:
  ///   - count: Negatives a query; the paper's 256.
  ///   - rows: Rows to draw from, 1 or more.
  ///   - queries: The queries, class by class.
  ///   - sampling: One draw a query or a class.
  ///   - generator: The source of the draws.
  /// - Returns: Rows in `0..<rows` for every query.
  public static func uniform(
    _ count: Int, of rows: Int, for queries: Queries, sampling: Sampling = .perQuery,
    using generator: inout PhiloxGenerator
  ) -> NegativeDraws {
    check(rows > 0, "NegativeDraws: no rows to draw from")
    let listOfQuery = lists(for: queries, sampling)
    let total = sampling == .perQuery ? queries.count : queries.classes.count
    return NegativeDraws(
      lists: generator.integers(below: rows, shape: [total, count]), listOfQuery: listOfQuery)
  }

  private static func lists(for queries: Queries, _ sampling: Sampling) -> [Int32] {
    switch sampling {
    case .perQuery: (0..<Int32(queries.count)).map { $0 }
    case .perClass:
      queries.ranges.enumerated().flatMap { [Int32](repeating: Int32($0), count: $1.count) }
    }
  }

  /// Active sampling: the class of each negative by the semantic graph, the pixel uniform in it.
  ///
  /// For a query of class c the class j != c is drawn with probability `softmax_j(G_cj / tau)`, so
  /// that classes alike are told apart most often (arXiv 2406.15755, section III-C). Candidates are
  /// the classes that have a prototype and a pixel labelled so.
  ///
  /// - Parameters:
  ///   - count: Negatives a query; the paper's 256.
  ///   - prototypes: The classes of the batch.
  ///   - labels: Pseudo labels, `[B, H, W]`; the drawn rows are positions there.
  ///   - queries: The queries; a class without a prototype or without another class is left out.
  ///   - temperature: Of the softmax over the graph; the paper's 0.5.
  ///   - sampling: One draw a query or a class.
  ///   - generator: The source of the draws.
  /// - Returns: The draws and the queries they belong to.
  public static func active(
    _ count: Int, prototypes: Prototypes, labels: LabelMap, for queries: Queries,
    temperature: Float = 0.5, sampling: Sampling = .perQuery,
    using generator: inout PhiloxGenerator
  ) -> (draws: NegativeDraws, queries: Queries) {
    check(temperature > 0, "NegativeDraws: temperature \(temperature), expected above 0")
    var pixels = [[Int32]](repeating: [], count: 256)
    for (pixel, label) in labels.labels.enumerated() { pixels[Int(label)].append(Int32(pixel)) }
    let graph = prototypes.semanticGraph
    let rowOfClass = Dictionary(
      uniqueKeysWithValues: prototypes.classes.enumerated().map { ($1, $0) })
    func others(_ c: Int) -> [Int] {
      prototypes.classes.filter { $0 != c && !pixels[$0].isEmpty }
    }
    let kept = queries.keeping { rowOfClass[$0] != nil && !others($0).isEmpty }
    let total = sampling == .perQuery ? kept.count : kept.classes.count
    var lists: [Int32] = []
    lists.reserveCapacity(total * count)
    for (range, c) in zip(kept.ranges, kept.classes) {
      let candidates = others(c)
      let row = rowOfClass[c] ?? 0
      let shares = candidates.map { graph[row, rowOfClass[$0] ?? 0] / temperature }.softmax
      let own = count * (sampling == .perQuery ? range.count : 1)
      let classes = generator.categorical(Tensor(shares), shape: [own])
      let places = generator.integers(below: 1 << 31, shape: [own])
      let regions = candidates.map { pixels[$0] }
      let drawn = unsafe [Int32](unsafeUninitializedCapacity: own) { drawn, initialized in
        parallelFor(own, grain: 1 << 14) { range in
          for draw in range {
            let region = regions[Int(classes.indices[draw])]
            // Safe: `draw` is in 0..<own.
            unsafe drawn[draw] = region[(Int(places.indices[draw]) * region.count) >> 31]
          }
        }
        initialized = own
      }
      lists += drawn
    }
    return (
      NegativeDraws(
        lists: IndexTensor(lists, shape: [total, count]),
        listOfQuery: Self.lists(for: kept, sampling)
      ), kept
    )
  }
}
