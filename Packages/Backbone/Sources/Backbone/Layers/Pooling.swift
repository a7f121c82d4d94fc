public import Autograd
public import Tensor

/// The maximum of each window.
public final class MaxPool2d: Layer {
  /// The windows.
  public let parameters: PoolingParameters

  /// Creates a layer.
  public init(_ parameters: PoolingParameters) { self.parameters = parameters }

  /// Pools `[N, H, W, C]`.
  public func callAsFunction(_ input: Variable) -> Variable {
    let output = input.maxPooled(parameters)
    Trace.record(.maxPool(parameters), [input], output)
    return output
  }
}

/// The mean of each window.
public final class AveragePool2d: Layer {
  /// The windows.
  public let parameters: PoolingParameters

  /// Creates a layer.
  public init(_ parameters: PoolingParameters) { self.parameters = parameters }

  /// Pools `[N, H, W, C]`.
  public func callAsFunction(_ input: Variable) -> Variable {
    let output = input.averagePooled(parameters)
    Trace.record(.averagePool(parameters), [input], output)
    return output
  }
}

/// The mean of each channel over the whole image, kept as an image of one pixel.
public final class GlobalAveragePool2d: Layer {
  /// Creates a layer.
  public init() {}

  /// Pools `[N, H, W, C]` to `[N, 1, 1, C]`.
  public func callAsFunction(_ input: Variable) -> Variable {
    let output = input.mean([1, 2], keepingAxes: true)
    Trace.record(.globalAveragePool, [input], output)
    return output
  }
}
