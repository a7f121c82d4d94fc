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
