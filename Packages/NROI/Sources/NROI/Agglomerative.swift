public import Tensor

/// Hierarchical clustering: the two closest groups are joined until as many are left as asked for.
///
/// Nearest-neighbour chains (Müllner, arXiv 1109.2378): O(N^2) time and memory. The same groups as
/// scikit-learn's `AgglomerativeClustering`, up to ties.
public struct Agglomerative: Clustering, Hashable {
  /// How the distance of two groups follows from their rows'.
  public enum Linkage: Sendable, Hashable {
    /// The growth of the squared error by joining them (Ward).
    case ward
    /// The mean distance over all pairs of their rows.
    case average
  }

  /// Rows taken at the most: the pairwise distances of more would not fit in 1 GiB.
  public static let maximumRows = 16_384

  /// The number of groups.
  public var clusters: Int
  /// The distance of groups.
  public var linkage: Linkage
  /// The distance of rows.
  public var distance: Distance

  /// Creates the algorithm.
  ///
  /// - Precondition: `clusters` is 1 or more.
  public init(clusters: Int = 8, linkage: Linkage = .ward, distance: Distance = .euclidean) {
    check(clusters >= 1, "Agglomerative: \(clusters) clusters, expected 1 or more")
    self.clusters = clusters
    self.linkage = linkage
    self.distance = distance
  }

  /// Groups the rows; the generator is not used. Groups are numbered by their first row.
  public func cluster(
    _ rows: Tensor, using generator: inout PhiloxGenerator
  ) throws(ClusteringError) -> Clusters {
    let matrix = try RowMatrix(rows, distance: distance)
    guard matrix.count <= Self.maximumRows else {
      throw .tooManyRows(matrix.count, limit: Self.maximumRows, algorithm: "Agglomerative")
    }
    let merges = joins(of: matrix)
    let assignments = Self.cut(
      merges, rows: matrix.count, clusters: min(clusters, matrix.count))
    return Clusters(
      grouping: matrix, by: assignments, clusters: min(clusters, matrix.count),
      distance: distance, iterations: matrix.count - min(clusters, matrix.count))
  }

  private struct Join {
    let first: Int
    let second: Int
    let height: Float
  }

  /// Every join of the whole tree, in the order of the chain, not of height.
  private func joins(of matrix: RowMatrix) -> [Join] {
    let count = matrix.count
    var between = PairDistances(matrix, squared: linkage == .ward)
    var sizes = [Float](repeating: 1, count: count)
    var alive = [Bool](repeating: true, count: count)
    var chain: [Int] = []
    var joins: [Join] = []
    var unvisited = 0
    while joins.count < count - 1 {
      if chain.isEmpty {
        while !alive[unvisited] { unvisited += 1 }
        chain.append(unvisited)
      }
      let tip = chain[chain.count - 1]
      let previous = chain.count > 1 ? chain[chain.count - 2] : nil
      // Ties go to the previous group of the chain, so that the chain ends.
      var nearest = previous ?? -1
      var height = previous.map { between[tip, $0] } ?? .infinity
      for other in 0..<count where alive[other] && other != tip && between[tip, other] < height {
        nearest = other
        height = between[tip, other]
      }
      guard nearest == previous else {
        chain.append(nearest)
        continue
      }
      chain.removeLast(2)
      let (kept, gone) = (min(tip, nearest), max(tip, nearest))
      joins.append(Join(first: kept, second: gone, height: height))
      alive[gone] = false
      for other in 0..<count where alive[other] && other != kept {
        between[kept, other] = joined(
          between[kept, other], between[gone, other], height, sizes[kept], sizes[gone],
          sizes[other])
      }
      sizes[kept] += sizes[gone]
    }
    return joins
  }

  /// The distance of a third group to the join of two: the Lance-Williams update.
  private func joined(
    _ toFirst: Float, _ toSecond: Float, _ height: Float, _ first: Float, _ second: Float,
    _ other: Float
  ) -> Float {
    switch linkage {
    case .average:
      (first * toFirst + second * toSecond) / (first + second)
    case .ward:
      ((first + other) * toFirst + (second + other) * toSecond - other * height)
        / (first + second + other)
    }
  }

  /// The groups left after the lowest joins.
  private static func cut(_ joins: [Join], rows: Int, clusters: Int) -> [Int32] {
    var root = Array(0..<rows)
    func find(_ row: Int) -> Int {
      var row = row
      while root[row] != row {
        root[row] = root[root[row]]
        row = root[row]
      }
      return row
    }
    let order = joins.enumerated().sorted {
      ($0.element.height, $0.offset) < ($1.element.height, $1.offset)
    }
    for (_, join) in order.prefix(rows - clusters) {
      let (a, b) = (find(join.first), find(join.second))
      root[max(a, b)] = min(a, b)
    }
    var numbers: [Int: Int32] = [:]
    return (0..<rows).map { row in
      let group = find(row)
      let number = numbers[group] ?? Int32(numbers.count)
      numbers[group] = number
      return number
    }
  }
}
