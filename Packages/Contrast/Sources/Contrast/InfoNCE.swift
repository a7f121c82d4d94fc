public import Autograd
internal import CContrast
public import Tensor

/// How a cosine is taken.
public enum CosineAxis: Sendable, Hashable {
  /// Over the features: the method.
  case features
  /// Over the keys, and without any gradient: what the public reference code computes. For
  /// comparison only.
  case keys
}

/// What the mean of a contrast counts equally.
public enum ContrastWeighting: Sendable, Hashable {
  /// Classes: the mean over classes of the mean over their queries.
  case classes
  /// Pixels: the mean over all queries.
  case pixels
}

/// The InfoNCE loss of pixels on cosines, mean over the classes of the mean over their queries.
///
/// For a query q of class c with positive p and negatives n:
/// `-log( e^(cos(q,p)/tau) / (e^(cos(q,p)/tau) + sum_k e^(cos(q,n_k)/tau)) )`
/// (arXiv 2406.15755, equations of section III). Gradients flow through the queries only; positives
/// and negatives are constants. A query of length 0 has cosine 0 with everything and no gradient.
///
/// Value and gradient come from one fused pass that gathers rows as it goes. Beside the gradient of
/// the queries, `Q x D`, and a copy of the draws, it needs no memory that grows with the number of
/// negatives. Rows that do not fit the processor's cache together are met part by part, so that each
/// comes from memory about once however often it was drawn.
///
/// - Parameters:
///   - features: Embeddings `[..., D]`; the queries' pixels are rows of it.
///   - queries: The pixels to move. Classes without a prototype do not count.
///   - prototypes: The positives.
///   - negatives: `[..., D]`: the memory bank's rows, or embeddings of the batch.
///   - draws: The negatives of each query, rows of `negatives`.
///   - temperature: tau; the paper's 0.5.
///   - weighting: What the mean counts equally; the paper's is classes.
///   - axis: `keys` repeats a defect of the reference code.
/// - Returns: A scalar; 0 without a gradient where no query is left.
public func infoNCE(
  _ features: Variable, queries: Queries, prototypes: Prototypes, negatives: Tensor,
  draws: NegativeDraws, temperature: Float = 0.5, weighting: ContrastWeighting = .classes,
  axis: CosineAxis = .features
) -> Variable {
  let depth = features.shape[-1]
  check(temperature > 0, "infoNCE: temperature \(temperature), expected above 0")
  check(
    negatives.rank >= 1 && negatives.shape[-1] == depth
      && prototypes.embeddings.shape[1] == depth,
    "infoNCE: features \(features.shape), prototypes \(prototypes.embeddings.shape) and negatives "
      + "\(negatives.shape) differ in their last axis")
  check(
    draws.listOfQuery.count == queries.count,
    "infoNCE: draws for \(draws.listOfQuery.count) queries, there are \(queries.count)")
  checkRows(queries.pixels, features.value, "infoNCE: queries", depth)
  checkRows(draws.lists.indices, negatives, "infoNCE: draws", depth)

  let problem = InfoNCEProblem(queries, prototypes, draws, weighting)
  guard !problem.rows.isEmpty else { return Variable(Tensor(0)) }
  let needsGradient = features.requiresGradient && axis == .features
  let (losses, gradients) = problem.run(
    features.value, prototypes.embeddings, negatives, draws.lists, temperature, axis,
    withGradients: needsGradient)
  let loss = Tensor(
    Float(zip(losses, problem.weights).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }))
  guard let gradients else { return Variable(loss) }
  let shape = features.shape
  return Variable(loss, parents: [features]) { upstream in
    [problem.scatter(gradients, scaledBy: upstream.scalar, into: shape)]
  }
}

private func checkRows(_ rows: [Int32], _ tensor: Tensor, _ what: String, _ depth: Int) {
  let count = tensor.count / max(depth, 1)
  let largest = rows.max() ?? 0
  check(
    (rows.min() ?? 0) >= 0 && (rows.isEmpty || Int(largest) < count),
    "\(what) name row \(largest), there are \(count) rows")
}

/// The queries that count, with what each needs.
private struct InfoNCEProblem {
  private(set) var rows: [Int32] = []
  private(set) var weights: [Float] = []
  private var positives: [Int32] = []
  private var lists: [Int32] = []

  init(
    _ queries: Queries, _ prototypes: Prototypes, _ draws: NegativeDraws,
    _ weighting: ContrastWeighting
  ) {
    let rowOfClass = Dictionary(
      uniqueKeysWithValues: prototypes.classes.enumerated().map { ($1, Int32($0)) })
    let counted = queries.keeping { rowOfClass[$0] != nil }
    for (c, range) in zip(queries.classes, queries.ranges) {
      guard let positive = rowOfClass[c] else { continue }
      rows += queries.pixels[range]
      lists += draws.listOfQuery[range]
      positives += [Int32](repeating: positive, count: range.count)
      let equals =
        switch weighting {
        case .classes: counted.classes.count * range.count
        case .pixels: counted.count
        }
      weights += [Float](repeating: 1 / Float(equals), count: range.count)
    }
  }

  /// Every query's loss and, where wanted, its gradient `[Q, D]`, not weighted.
  func run(
    _ features: Tensor, _ prototypes: Tensor, _ negatives: Tensor, _ draws: IndexTensor,
    _ temperature: Float, _ axis: CosineAxis, withGradients: Bool
  ) -> (losses: [Float], gradients: Tensor?) {
    let (depth, count) = (features.shape[-1], draws.shape[1])
    let sums = PooledBuffer<ctr_sums>(count: rows.count)
    let parts =
      axis == .features ? NegativeParts(draws, of: negatives, queries: rows.count) : nil
    var losses = Tensor.zeros([rows.count])
    var gradients = Tensor.zeros([withGradients ? rows.count : 0, depth])
    unsafe withUnsafeScalars(features, prototypes, negatives) { features, prototypes, negatives in
      unsafe losses.withUnsafeMutableScalars { losses in
        unsafe gradients.withUnsafeMutableScalars { gradients in
          unsafe draws.indices.withUnsafeBufferPointer { drawn in
            let (drawn, losses) = (drawn.baseAddress, losses.baseAddress)
            let gradients = withGradients ? gradients.baseAddress : nil
            for part in 0..<(parts?.count ?? 1) {
              unsafe parts?.prepare(part, negatives)
              parallelFor(rows.count, grain: 16) { range in
                // Safe: every row was checked against its array, and a chunk writes its own queries.
                let failed =
                  if let parts {
                    unsafe ctr_info_nce(
                      range.lowerBound, range.upperBound, depth, features, rows, prototypes,
                      positives, parts.view(negatives, drawn), lists, temperature, part, sums.base,
                      losses, gradients)
                  } else {
                    unsafe ctr_key_axis(
                      range.lowerBound, range.upperBound, depth, features, rows, prototypes,
                      positives, negatives, drawn, lists, count, temperature, losses)
                  }
                check(failed == 0, "infoNCE: out of memory for \(count) negatives a query")
              }
            }
          }
        }
      }
    }
    return (losses.scalars, withGradients ? gradients : nil)
  }

  /// The queries' gradients, weighted, at their pixels in zeros of `shape`.
  func scatter(_ gradients: Tensor, scaledBy scale: Float, into shape: Shape) -> Tensor {
    var full = Tensor.zeros(shape)
    let depth = shape[-1]
    unsafe gradients.withUnsafeScalars { gradients in
      unsafe full.withUnsafeMutableScalars { full in
        // Serial: two queries may be the same pixel.
        for (query, row) in rows.enumerated() {
          let weight = scale * weights[query]
          let (from, to) = (query * depth, Int(row) * depth)
          // Safe: rows were checked against the features, which have this shape.
          for d in 0..<depth { unsafe full[to + d] += weight * gradients[from + d] }
        }
      }
    }
    return full
  }
}

private func withUnsafeScalars(
  _ a: Tensor, _ b: Tensor, _ c: Tensor,
  _ body: (UnsafePointer<Float>?, UnsafePointer<Float>?, UnsafePointer<Float>?) -> Void
) {
  unsafe a.withUnsafeScalars { a in
    unsafe b.withUnsafeScalars { b in
      unsafe c.withUnsafeScalars { c in unsafe body(a.baseAddress, b.baseAddress, c.baseAddress) }
    }
  }
}
