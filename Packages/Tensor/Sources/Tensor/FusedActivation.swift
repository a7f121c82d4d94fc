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
  /// The activation as a pass of its own.
  func applied(to tensor: Tensor) -> Tensor {
    switch self {
    case .none: tensor
    case .relu: tensor.relu()
    case .relu6: tensor.relu6()
    }
  }

  /// The gradient before the activation; it is 0 at the kinks, as in PyTorch.
  ///
  /// - Parameters:
  ///   - upstream: The gradient of the activation's result.
  ///   - output: The activation's result, of the same shape; not used for `none`.
  /// - Returns: The gradient of what the activation was applied to.
  public func gradient(_ upstream: Tensor, output: Tensor) -> Tensor {
    guard let ceiling = checkedCeiling(upstream, output) else { return upstream }
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

  /// The gradient before the activation and, from the same pass over it, that of a bias.
  ///
  /// - Parameters:
  ///   - upstream: The gradient of the activation's result, `[..., O]`.
  ///   - output: The activation's result, of the same shape; not used for `none`.
  /// - Returns: The gradient of what the activation was applied to, and its sum over all axes but
  ///   the last, `[O]`.
  public func gradientAndBiasGradient(
    _ upstream: Tensor, output: Tensor
  ) -> (gradient: Tensor, bias: Tensor) {
    guard let ceiling = checkedCeiling(upstream, output), upstream.count > 0 else {
      return (upstream, upstream.biasGradient())
    }
    let gradient = Tensor(uninitialized: upstream.shape)
    let columns = upstream.shape[-1]
    let rows = upstream.count / columns
    let grain = Swift.max((1 << 16) / columns, 1)
    let partials = Tensor(uninitialized: [(rows + grain - 1) / grain, columns])
    parallelFor(rows, grain: grain) { chunk in
      // Safe: all hold whole rows of `columns` floats; a chunk has a row of `partials`.
      unsafe ck_mask_activation_and_sum(
        gradient.storage.floats, partials.storage.floats + chunk.lowerBound / grain * columns,
        upstream.storage.floats, output.storage.floats, ceiling, columns, chunk.lowerBound,
        chunk.upperBound)
    }
    withExtendedLifetime((upstream, output)) {}
    return (gradient, partials.biasGradient())
  }

  // Where the activation is flat again; `nil` where there is none.
  private func checkedCeiling(_ upstream: Tensor, _ output: Tensor) -> Float? {
    let ceiling: Float
    switch self {
    case .none: return nil
    case .relu: ceiling = .infinity
    case .relu6: ceiling = 6
    }
    check(
      upstream.shape == output.shape,
      "\(self) gradient: upstream \(upstream.shape) for output \(output.shape)")
    return ceiling
  }
}
