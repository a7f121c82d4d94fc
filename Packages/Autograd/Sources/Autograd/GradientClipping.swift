internal import CAutograd
internal import Tensor

extension Sequence<Parameter> {
  /// The Euclidean norm of all gradients taken together; parameters without one count 0.
  ///
  /// Summed in `Double` over chunks that do not depend on the number of threads.
  public var gradientNorm: Float {
    Float(compactMap(\.gradient).reduce(0) { $0 + $1.sumOfSquares }.squareRoot())
  }

  /// Scales all gradients so that their norm taken together is at most `maximumNorm`, as
  /// `torch.nn.utils.clip_grad_norm_`.
  ///
  /// - Parameter maximumNorm: The norm's bound, above 0.
  /// - Returns: The norm before clipping; if it is not finite the gradients are not either.
  @discardableResult
  public func clipGradients(toNorm maximumNorm: Float) -> Float {
    check(maximumNorm > 0, "clipGradients: norm \(maximumNorm) is not above 0")
    let norm = gradientNorm
    let factor = maximumNorm / (norm + 1e-6)
    // Not `factor < 1`: NaN must reach the gradients.
    if !(factor >= 1) {
      for parameter in self { parameter.gradient?.scale(by: factor) }
    }
    return norm
  }
}

extension Tensor {
  fileprivate var sumOfSquares: Double {
    let grain = 1 << 16
    let count = count
    var partial = [Double](repeating: 0, count: (count + grain - 1) / grain)
    unsafe partial.withUnsafeMutableBufferPointer { partial in
      unsafe withUnsafeScalars { values in
        parallelFor(count, grain: grain) { range in
          guard let values = values.baseAddress else { return }
          // Safe: `range` is within the tensor, and each chunk writes its own sum.
          unsafe partial[range.lowerBound / grain] = ca_sum_of_squares(
            values, range.lowerBound, range.upperBound)
        }
      }
    }
    return partial.reduce(0, +)
  }

  /// Multiplies every element in place.
  mutating func scale(by factor: Float) {
    let count = count
    unsafe withUnsafeMutableScalars { values in
      guard let values = values.baseAddress else { return }
      parallelFor(count, grain: 1 << 16) { range in
        // Safe: `range` is within the tensor, and chunks do not overlap.
        unsafe ca_scale(values, factor, range.lowerBound, range.upperBound)
      }
    }
  }
}
