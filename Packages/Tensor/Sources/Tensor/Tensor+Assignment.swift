internal import CKernels

/// Changes in place; memory that is shared with a copy is left alone.
extension Tensor {
  /// Adds `factor * other`, of the same shape, in place.
  public mutating func add(_ other: Tensor, scaledBy factor: Float = 1) {
    check(shape == other.shape, "add: \(shape) and \(other.shape): shapes differ")
    makeUnique()
    let sum = storage
    parallelFor(count, grain: elementwiseGrain) { range in
      // Safe: both hold `count` elements, and chunks do not overlap.
      unsafe ck_add_scaled(
        sum.floats, other.storage.floats, factor, range.lowerBound, range.upperBound)
    }
    withExtendedLifetime(other) {}
  }

  /// Multiplies every element in place.
  public mutating func multiply(by factor: Float) {
    makeUnique()
    let scaled = storage
    parallelFor(count, grain: elementwiseGrain) { range in
      // Safe: chunks lie in the tensor and do not overlap.
      unsafe ck_affine(
        scaled.floats, scaled.floats, factor, 0, range.lowerBound, range.upperBound)
    }
  }

  /// Adds the elements of another tensor, stretched to this one's shape.
  public static func += (lhs: inout Tensor, rhs: Tensor) {
    if lhs.shape == rhs.shape { lhs.add(rhs) } else { lhs.keepShape(lhs + rhs, "+=", rhs) }
  }

  /// Subtracts the elements of another tensor, stretched to this one's shape.
  public static func -= (lhs: inout Tensor, rhs: Tensor) {
    if lhs.shape == rhs.shape {
      lhs.add(rhs, scaledBy: -1)
    } else {
      lhs.keepShape(lhs - rhs, "-=", rhs)
    }
  }

  /// Multiplies by the elements of another tensor, stretched to this one's shape.
  public static func *= (lhs: inout Tensor, rhs: Tensor) { lhs.keepShape(lhs * rhs, "*=", rhs) }

  /// Divides by the elements of another tensor, stretched to this one's shape.
  public static func /= (lhs: inout Tensor, rhs: Tensor) { lhs.keepShape(lhs / rhs, "/=", rhs) }

  /// Multiplies every element by a number.
  public static func *= (lhs: inout Tensor, rhs: Float) { lhs.multiply(by: rhs) }

  /// Takes the result of an assignment, which must not grow the left side.
  private mutating func keepShape(_ result: Tensor, _ operation: String, _ other: Tensor) {
    check(
      result.shape == shape, "\(operation): \(other.shape) does not stretch to \(shape)")
    self = result
  }
}
