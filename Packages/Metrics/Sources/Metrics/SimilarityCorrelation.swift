public import Tensor

/// Pearson's correlation of two similarity matrices over the same items: whether two embeddings
/// hold the same pairs for alike.
///
/// Only pairs of two items count, not the diagonal; both halves do, so that matrices need not be
/// symmetric.
///
/// - Parameters:
///   - first: Similarities, `[N, N]`.
///   - second: Similarities of the same items, `[N, N]`.
/// - Returns: The correlation, in -1...1; `nil` where a matrix is constant or N is below 2.
/// - Throws: `MetricsError` for shapes that do not fit or an entry that is not finite.
public func similarityCorrelation(
  _ first: Tensor, _ second: Tensor
) throws(MetricsError) -> Double? {
  guard first.rank == 2, first.shape[0] == first.shape[1], first.shape == second.shape else {
    throw MetricsError(
      "similarity correlation: matrices \(first.shape) and \(second.shape), expected equal [N, N]")
  }
  let items = first.shape[0]
  for (name, matrix) in [("first", first), ("second", second)] {
    if let index = matrix.scalars.firstIndex(where: { !$0.isFinite }) {
      throw MetricsError(
        "similarity correlation: the \(name) matrix is not finite at "
          + "[\(index / items), \(index % items)]")
    }
  }
  let pairs = (0..<items * items).filter { $0 / items != $0 % items }
  guard !pairs.isEmpty else { return nil }
  func centered(_ matrix: Tensor) -> [Double] {
    let scalars = matrix.scalars
    let values = pairs.map { Double(scalars[$0]) }
    let mean = values.reduce(0, +) / Double(values.count)
    return values.map { $0 - mean }
  }
  let (a, b) = (centered(first), centered(second))
  let product = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  let scale = (a.reduce(0) { $0 + $1 * $1 } * b.reduce(0) { $0 + $1 * $1 }).squareRoot()
  return scale > 0 ? product / scale : nil
}
