internal import CAutograd
internal import Tensor

extension Variable {
  /// The squared differences to another variable, as `torch.nn.functional.mse_loss`.
  ///
  /// Gradients flow to both sides. The mean of nothing is 0; PyTorch gives NaN.
  public func meanSquaredError(_ target: Variable, reduction: Reduction = .mean) -> Variable {
    differenceLoss("meanSquaredError", ca_squared, target, reduction: reduction)
  }

  /// The absolute differences to another variable, as `torch.nn.functional.l1_loss`.
  ///
  /// Gradients flow to both sides; where they are equal it is 0. The mean of nothing is 0; PyTorch
  /// gives NaN.
  public func absoluteError(_ target: Variable, reduction: Reduction = .mean) -> Variable {
    differenceLoss("absoluteError", ca_absolute, target, reduction: reduction)
  }

  /// The absolute differences with a parabola for a kink, as `torch.nn.functional.smooth_l1_loss`.
  ///
  /// `d^2 / (2 beta)` where `|d| < beta`, else `|d| - beta / 2`. Gradients flow to both sides.
  ///
  /// - Parameters:
  ///   - target: What to compare with; of the same shape.
  ///   - beta: Where the parabola ends, 0 or more; 0 gives `absoluteError`.
  ///   - reduction: Over elements; the mean of nothing is 0.
  /// - Returns: The loss.
  public func smoothAbsoluteError(
    _ target: Variable, beta: Float = 1, reduction: Reduction = .mean
  ) -> Variable {
    check(beta >= 0, "smoothAbsoluteError: beta \(beta) is negative")
    return differenceLoss(
      "smoothAbsoluteError", ca_smooth, beta: beta, target, reduction: reduction)
  }

  private func differenceLoss(
    _ name: String, _ kind: ca_difference_kind, beta: Float = 0, _ target: Variable,
    reduction: Reduction
  ) -> Variable {
    check(shape == target.shape, "\(name): \(shape) and \(target.shape) differ")
    let factor = reduction == .mean ? 1 / Float(Swift.max(value.count, 1)) : 1
    let loss = unsafe withPointers(value, target.value) { inputs in
      unsafe FusedLoss(
        value, lossShape: shape, reduction: reduction,
        wantsGradient: isRecorded || target.isRecorded
      ) { range, outputs in
        // Safe: both sides and the gradient are of one shape.
        unsafe ca_difference_loss(
          kind, beta, factor, inputs[0], inputs[1], outputs.losses, outputs.gradient,
          range.lowerBound, range.upperBound)
      }
    }
    let needs = (requiresGradient, target.requiresGradient)
    return Variable(loss.value, parents: [self, target]) { upstream in
      let gradient = loss.inputGradient(upstream)
      return [needs.0 ? gradient : nil, needs.1 ? gradient?.scaled(by: -1) : nil]
    }
  }
}
