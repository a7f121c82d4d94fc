public import Tensor

/// Pooling and resizing of images `[N, H, W, C]`.
extension Variable {
  /// The maximum of each window; the gradient goes to the first of equal ones.
  public func maxPooled(_ parameters: PoolingParameters) -> Variable {
    let (values, positions) = value.maxPooled(parameters)
    let shape = shape
    return Variable(values, parents: [self]) {
      [$0.maxPoolGradient(positions, parameters, to: shape)]
    }
  }

  /// The mean of each window.
  public func averagePooled(_ parameters: PoolingParameters) -> Variable {
    let shape = shape
    return Variable(value.averagePooled(parameters), parents: [self]) {
      [$0.averagePoolGradient(parameters, to: shape)]
    }
  }

  /// The means of windows that share the picture evenly.
  public func adaptiveAveragePooled(height: Int, width: Int) -> Variable {
    let shape = shape
    return Variable(
      value.adaptiveAveragePooled(height: height, width: width), parents: [self]
    ) { [$0.adaptiveAveragePoolGradient(to: shape)] }
  }

  /// The mean of each channel of each image, `[N, C]`.
  public func globalAveragePooled() -> Variable {
    check(shape.rank == 4, "globalAveragePooled: shape \(shape), expected [N, H, W, C]")
    return mean([1, 2])
  }

  /// The maximum of each channel of each image, `[N, C]`.
  public func globalMaxPooled() -> Variable {
    check(shape.rank == 4, "globalMaxPooled: shape \(shape), expected [N, H, W, C]")
    return max([1, 2])
  }

  /// The mean of the `count` largest values of each channel of each image, `[N, C]`.
  public func topKPooled(_ count: Int) -> Variable {
    let (values, positions) = value.topKPooled(count)
    let shape = shape
    return Variable(values, parents: [self]) { [$0.topKPoolGradient(positions, to: shape)] }
  }

  /// The images at another size.
  public func resized(height: Int, width: Int, _ mode: ResizeMode = .bilinear) -> Variable {
    let shape = shape
    return Variable(value.resized(height: height, width: width, mode), parents: [self]) {
      [$0.resizeGradient(to: shape, mode)]
    }
  }
}
