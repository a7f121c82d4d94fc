internal import CKernels

/// The windows of a pooling layer, with PyTorch's meaning; equal in both directions.
public struct PoolingParameters: Sendable, Hashable {
  /// The side of a window.
  public var kernelSize: Int
  /// The distance of two windows.
  public var stride: Int
  /// The border around the picture: never a maximum; zeros for a mean.
  public var padding: Int
  /// Whether a window that does not fit is used as far as it goes.
  public var ceilMode: Bool
  /// Whether a mean counts the border's zeros.
  public var countsPadding: Bool

  /// Creates windows; the stride defaults to the side.
  ///
  /// - Precondition: Side and stride are 1 or more, the padding at most half the side.
  public init(
    kernelSize: Int, stride: Int? = nil, padding: Int = 0, ceilMode: Bool = false,
    countsPadding: Bool = true
  ) {
    check(
      kernelSize >= 1 && (stride ?? 1) >= 1 && padding >= 0 && 2 * padding <= kernelSize,
      "PoolingParameters: kernel \(kernelSize), stride \(stride ?? kernelSize), padding \(padding)"
        + ": the padding may be half the kernel at the most")
    self.kernelSize = kernelSize
    self.stride = stride ?? kernelSize
    self.padding = padding
    self.ceilMode = ceilMode
    self.countsPadding = countsPadding
  }

  func windows(_ shape: Shape) -> PoolingWindows {
    func axis(_ size: Int) -> PoolingWindows.Axis {
      .init(
        size: size, kernel: kernelSize, stride: stride, padding: padding, ceilMode: ceilMode,
        countsPadding: countsPadding)
    }
    return PoolingWindows(rows: axis(shape[1]), columns: axis(shape[2]))
  }
}

/// Pooling of images `[N, H, W, C]`, each with its adjoint.
extension Tensor {
  /// The maximum of each window.
  ///
  /// - Returns: The maxima, and where each lies: `y * W + x`, the first of equal ones.
  public func maxPooled(_ parameters: PoolingParameters) -> (
    values: Tensor, positions: IndexTensor
  ) {
    checkImages("maxPooled")
    let windows = parameters.windows(shape)
    let values = Tensor(uninitialized: windows.result(shape))
    let positions = unsafe [Int32](unsafeUninitializedCapacity: values.count) { out, initialized in
      let positions = out.baseAddress
      unsafe windows.withPlan(shape) { plan in
        parallelFor(values.pixelRows, grain: rowGrain(values.rowLength * 9)) { range in
          // Safe: windows lie in the picture, chunks write rows of their own.
          unsafe ck_max_pool(
            plan, values.storage.floats, positions, storage.floats, range.lowerBound,
            range.upperBound)
        }
      }
      initialized = values.count
    }
    withExtendedLifetime(self) {}
    return (values, IndexTensor(positions, shape: values.shape))
  }

  /// The adjoint of `maxPooled`; `self` is the gradient of its values.
  ///
  /// - Parameters:
  ///   - positions: What `maxPooled` returned.
  ///   - parameters: As given.
  ///   - shape: The images' shape.
  /// - Returns: The gradient of the images.
  public func maxPoolGradient(
    _ positions: IndexTensor, _ parameters: PoolingParameters, to shape: Shape
  ) -> Tensor {
    let windows = parameters.windows(shape)
    check(
      self.shape == windows.result(shape) && positions.shape == self.shape,
      "maxPoolGradient: upstream \(self.shape), positions \(positions.shape), images \(shape)")
    let gradient = Tensor.zeros(shape)
    unsafe windows.withPlan(shape) { plan in
      parallelFor(shape[0]) { range in
        // Safe: positions came from pictures of this shape; chunks own their images.
        unsafe ck_max_pool_gradient(
          plan, gradient.storage.floats, storage.floats, positions.indices, range.lowerBound,
          range.upperBound)
      }
    }
    withExtendedLifetime(self) {}
    return gradient
  }

  /// The mean of each window.
  public func averagePooled(_ parameters: PoolingParameters) -> Tensor {
    checkImages("averagePooled")
    return meanPooled(parameters.windows(shape))
  }

  /// The adjoint of `averagePooled`; `shape` is the images'.
  public func averagePoolGradient(_ parameters: PoolingParameters, to shape: Shape) -> Tensor {
    meanPoolGradient(parameters.windows(shape), to: shape, "averagePoolGradient")
  }

  /// The means of windows that share the picture evenly, as PyTorch's adaptive pooling.
  public func adaptiveAveragePooled(height: Int, width: Int) -> Tensor {
    checkImages("adaptiveAveragePooled")
    return meanPooled(Self.adaptive(shape, height, width))
  }

  /// The adjoint of `adaptiveAveragePooled`; `shape` is the images'.
  public func adaptiveAveragePoolGradient(to shape: Shape) -> Tensor {
    check(rank == 4 && shape.rank == 4, "adaptiveAveragePoolGradient: \(self.shape) to \(shape)")
    return meanPoolGradient(
      Self.adaptive(shape, self.shape[1], self.shape[2]), to: shape, "adaptiveAveragePoolGradient")
  }

  /// The mean of the `count` largest values of each channel of each image: `[N, C]`.
  ///
  /// - Returns: The means, and for each channel the positions `y * W + x`, `[N, C, count]`.
  public func topKPooled(_ count: Int) -> (values: Tensor, positions: IndexTensor) {
    checkImages("topKPooled")
    let channels = reshaped(shape[0], -1, shape[3]).transposed()
    let (values, positions) = channels.topK(count)
    return (values.mean([-1]), positions)
  }

  /// The adjoint of `topKPooled`; `self` is the gradient of its values.
  ///
  /// - Parameters:
  ///   - positions: What `topKPooled` returned.
  ///   - shape: The images' shape.
  /// - Returns: The gradient of the images.
  public func topKPoolGradient(_ positions: IndexTensor, to shape: Shape) -> Tensor {
    check(
      rank == 2 && shape.rank == 4
        && positions.shape.dimensions.dropLast() == self.shape.dimensions[...],
      "topKPoolGradient: upstream \(self.shape), positions \(positions.shape), images \(shape)")
    var gradient = Tensor.zeros(shape)
    let (k, area, channels) = (positions.shape[2], shape[1] * shape[2], shape[3])
    gradient.withMutableScalars { gradient in
      withScalars { upstream in
        for (index, position) in positions.indices.enumerated() {
          let (image, channel) = (index / k / channels, index / k % channels)
          gradient[(image * area + Int(position)) * channels + channel] +=
            upstream[index / k] / Float(k)
        }
      }
    }
    return gradient
  }

  private static func adaptive(_ shape: Shape, _ height: Int, _ width: Int) -> PoolingWindows {
    check(height >= 1 && width >= 1, "adaptive pooling to \(height) x \(width)")
    return PoolingWindows(
      rows: .init(size: shape[1], outputs: height), columns: .init(size: shape[2], outputs: width))
  }

  private func meanPooled(_ windows: PoolingWindows) -> Tensor {
    let means = Tensor(uninitialized: windows.result(shape))
    unsafe windows.withPlan(shape) { plan in
      parallelFor(means.pixelRows, grain: rowGrain(means.rowLength * 9)) { range in
        // Safe: windows lie in the picture, chunks write rows of their own.
        unsafe ck_mean_pool(
          plan, means.storage.floats, storage.floats, range.lowerBound, range.upperBound)
      }
    }
    withExtendedLifetime(self) {}
    return means
  }

  private func meanPoolGradient(
    _ windows: PoolingWindows, to shape: Shape, _ name: String
  ) -> Tensor {
    check(self.shape == windows.result(shape), "\(name): upstream \(self.shape), images \(shape)")
    let gradient = Tensor.zeros(shape)
    unsafe windows.withPlan(shape) { plan in
      parallelFor(shape[0]) { range in
        // Safe: windows lie in the picture, chunks own their images.
        unsafe ck_mean_pool_gradient(
          plan, gradient.storage.floats, storage.floats, range.lowerBound, range.upperBound)
      }
    }
    withExtendedLifetime(self) {}
    return gradient
  }

  func checkImages(_ operation: String) {
    check(rank == 4, "\(operation): shape \(shape), expected [N, H, W, C]")
  }

  /// Rows of pixels of all images, and their length.
  var pixelRows: Int { shape[0] * shape[1] }
  var rowLength: Int { shape[2] * shape[3] }
}
