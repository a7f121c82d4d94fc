internal import CKernels

/// What a convolution applies to its result while it is still in registers.
public enum FusedActivation: Hashable, Sendable {
  /// Nothing.
  case none
  /// `max(x, 0)`.
  case relu
  /// `min(max(x, 0), 6)`.
  case relu6
}

extension FusedActivation {
  /// The gradient before the activation; it is 0 at the kinks, as in PyTorch.
  ///
  /// - Parameters:
  ///   - upstream: The gradient of the activation's result.
  ///   - output: The activation's result, of the same shape; not used for `none`.
  /// - Returns: The gradient of what the activation was applied to.
  public func gradient(_ upstream: Tensor, output: Tensor) -> Tensor {
    let ceiling: Float
    switch self {
    case .none: return upstream
    case .relu: ceiling = .infinity
    case .relu6: ceiling = 6
    }
    check(
      upstream.shape == output.shape,
      "\(self) gradient: upstream \(upstream.shape) for output \(output.shape)")
    let gradient = Tensor(uninitialized: upstream.shape)
    parallelFor(upstream.count, grain: 1 << 16) { range in
      // Safe: all three hold `upstream.count` floats, and chunks do not overlap.
      unsafe ck_mask_activation(
        gradient.storage.floats, upstream.storage.floats, output.storage.floats, ceiling,
        range.lowerBound, range.upperBound)
    }
    withExtendedLifetime((upstream, output)) {}
    return gradient
  }
}
