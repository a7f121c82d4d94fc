internal import CAutograd
internal import Tensor

extension Tensor {
  /// Adds another tensor of the same shape in place; copies first only where memory is shared.
  mutating func accumulate(_ addend: Tensor) {
    check(shape == addend.shape, "accumulate: \(shape) and \(addend.shape) differ")
    let count = count
    unsafe withUnsafeMutableScalars { sum in
      unsafe addend.withUnsafeScalars { addend in
        guard let sum = sum.baseAddress, let addend = addend.baseAddress else { return }
        parallelFor(count, grain: 1 << 16) { range in
          // Safe: both hold `count` floats, and chunks do not overlap.
          unsafe ca_accumulate(sum, addend, range.lowerBound, range.upperBound)
        }
      }
    }
  }
}
