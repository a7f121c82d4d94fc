internal import Autograd
internal import Tensor

/// The operations between a network's layers, noted in the current trace.
extension Variable {
  func plus(_ other: Variable) -> Variable { noted(.add, [self, other], self + other) }

  func times(_ other: Variable) -> Variable { noted(.multiply, [self, other], self * other) }

  func activated(_ activation: FusedActivation) -> Variable {
    switch activation {
    case .none: self
    case .relu: noted(.activation(activation), [self], relu())
    case .relu6: noted(.activation(activation), [self], relu6())
    }
  }

  /// At the size of another image.
  func scaled(like target: Variable, _ mode: ResizeMode = .bilinear) -> Variable {
    // A trace notes it at any size: the sizes of other images may differ.
    if hasSize(of: target) && !Trace.isRunning { return self }
    return noted(
      .resize(mode), [self, target],
      resized(height: target.shape[1], width: target.shape[2], mode))
  }

  /// Larger by a whole factor.
  func scaled(by factor: Int, _ mode: ResizeMode = .bilinear) -> Variable {
    noted(
      .upsample(factor, mode), [self],
      resized(height: shape[1] * factor, width: shape[2] * factor, mode))
  }

  /// The first rows and columns, as many as another image has.
  func cropped(like target: Variable) -> Variable {
    if hasSize(of: target) && !Trace.isRunning { return self }
    let (height, width) = (target.shape[1], target.shape[2])
    check(
      height <= shape[1] && width <= shape[2], "cropped: \(shape) to \(height) by \(width) pixels")
    return noted(
      .crop, [self, target], sliced([.all, AxisRange(0..<height), AxisRange(0..<width)]))
  }

  /// A constant of the same values.
  func cut() -> Variable { noted(.identity, [self], detached()) }

  private func hasSize(of other: Variable) -> Bool {
    shape[1] == other.shape[1] && shape[2] == other.shape[2]
  }

  static func joining(_ parts: [Variable]) -> Variable {
    let output = concatenating(parts, axis: -1)
    Trace.record(.concatenate, parts, output)
    return output
  }

  /// `[N, 1, 1, C]` as `[N, C]`.
  func flattened() -> Variable {
    noted(.flatten, [self], reshaped(shape[0], -1))
  }

  /// `[N, C]` as `[N, 1, 1, C]`.
  func asImage() -> Variable {
    noted(.unflatten, [self], reshaped(shape[0], 1, 1, shape[1]))
  }

  /// `x` where positive, else `e^x - 1`.
  func elu() -> Variable {
    let output = value.relu() + (value.clamped(-.infinity, 0).exp() - 1)
    return noted(
      .elu, [self],
      Variable(output, parents: [self]) { [$0 * (output.clamped(-.infinity, 0) + 1)] })
  }

  private func noted(
    _ operation: Trace.Operation, _ inputs: [Variable], _ output: Variable
  ) -> Variable {
    Trace.record(operation, inputs, output)
    return output
  }
}
