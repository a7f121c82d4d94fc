public import Tensor

/// Describes where two tensors differ by more than a tolerance; `nil` where they are close.
///
/// Close means `|actual - expected| <= absolute + relative * max|expected|` for every element: the
/// tolerance is relative to the largest element, as sums of float products cannot do better.
/// NaN is close to nothing. For `#expect(difference(from: golden["y"], y, relative: 1e-5) == nil)`.
///
/// - Parameters:
///   - expected: The golden numbers.
///   - actual: Ours.
///   - relative: Tolerance as a share of the largest expected magnitude.
///   - absolute: Tolerance added to it.
/// - Returns: Shapes that differ, or the worst element with its position and both values.
public func difference(
  from expected: Tensor, _ actual: Tensor, relative: Float, absolute: Float = 0
) -> String? {
  guard expected.shape == actual.shape else {
    return "shape \(actual.shape), expected \(expected.shape)"
  }
  let wanted = expected.scalars
  let found = actual.scalars
  let scale = wanted.reduce(Float(0)) { max($0, abs($1)) }
  let tolerance = absolute + relative * scale
  var worst = (index: -1, error: tolerance)
  for index in wanted.indices {
    let error = abs(wanted[index] - found[index])
    if error.isNaN || error > worst.error {
      worst = (index, error)
      if error.isNaN { break }
    }
  }
  guard worst.index >= 0 else { return nil }
  return "element \(worst.index) of shape \(actual.shape) is \(found[worst.index]), expected "
    + "\(wanted[worst.index]): off by \(worst.error), tolerance \(tolerance)"
}
