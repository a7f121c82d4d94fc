internal import CKernels

/// Depthwise convolution where a way of our own is faster than oneDNN's kernel.
enum DepthwiseConvolution {
  private static func isDepthwise(_ geometry: Convolution2dGeometry) -> Bool {
    geometry.parameters.groups == geometry.inChannels
      && geometry.outChannels == geometry.inChannels
  }

  /// Whether the weight gradient is faster here: oneDNN's own kernel ends at 3x3 without dilation,
  /// and beyond it a general one takes seven to ten times as long.
  static func isFasterForWeightGradient(_ geometry: Convolution2dGeometry) -> Bool {
    isDepthwise(geometry) && (geometry.kernelWidth > 3 || geometry.parameters.dilation > 1)
  }

  static func weightGradient(
    _ geometry: Convolution2dGeometry, input: Tensor, upstream: Tensor, withBias: Bool
  ) -> (weight: Tensor, bias: Tensor?) {
    let channels = geometry.inChannels
    let taps = geometry.kernelHeight * geometry.kernelWidth
    let sums = Tensor(uninitialized: [geometry.batch, taps * channels])
    let biasSums = withBias ? Tensor(uninitialized: [geometry.batch, channels]) : nil
    parallelFor(geometry.batch * ((channels - 1) / ck_depthwise_block + 1)) { tasks in
      // Safe: the tensors have the geometry's shapes, and each task has sums of its own.
      unsafe ck_depthwise_weight_gradient(
        ck_depthwise_shape(geometry), input.storage.floats, upstream.storage.floats,
        sums.storage.floats, biasSums?.storage.floats, tasks.lowerBound, tasks.upperBound)
    }
    withExtendedLifetime((input, upstream, sums, biasSums)) {}
    return (sums.biasGradient().reshaped(to: geometry.weightShape), biasSums?.biasGradient())
  }

  /// The convolution whose result is the input gradient, of the upstream gradient with the weight
  /// turned by 180 degrees; `nil` where a stride or wide padding leaves none.
  ///
  /// oneDNN's kernel for it is up to twice as fast as the one for the gradient.
  static func mirrored(_ geometry: Convolution2dGeometry) -> Convolution2dGeometry? {
    let parameters = geometry.parameters
    guard isDepthwise(geometry), parameters.stride == 1 else { return nil }
    let height = (geometry.kernelHeight - 1) * parameters.dilation
    let width = (geometry.kernelWidth - 1) * parameters.dilation
    let padding = parameters.padding
    guard height >= max(padding.top, padding.bottom), width >= max(padding.left, padding.right)
    else { return nil }
    var mirrored = parameters
    mirrored.padding = Padding2d(
      top: height - padding.top, left: width - padding.left, bottom: height - padding.bottom,
      right: width - padding.right)
    return Convolution2dGeometry(
      "convolution2dInputGradient", input: geometry.outputShape, weight: geometry.weightShape,
      mirrored)
  }

  /// The weight turned by 180 degrees.
  static func turned(_ weight: Tensor) -> Tensor {
    let channels = weight.shape[3]
    return unsafe weight.withUnsafeScalars { source in
      unsafe Tensor(unsafeUninitialized: weight.shape) { target in
        for start in stride(from: 0, to: weight.count, by: channels) {
          // Safe: both are whole taps of `channels` floats.
          let tap = unsafe UnsafeMutableBufferPointer(
            rebasing: target[start..<start + channels])
          let end = weight.count - start
          _ = unsafe tap.update(fromContentsOf: source[end - channels..<end])
        }
      }
    }
  }
}

extension ck_depthwise_shape {
  fileprivate init(_ geometry: Convolution2dGeometry) {
    let parameters = geometry.parameters
    self.init(
      batch: geometry.batch, channels: geometry.inChannels, in_height: geometry.inHeight,
      in_width: geometry.inWidth, out_height: geometry.outHeight, out_width: geometry.outWidth,
      kernel_height: geometry.kernelHeight, kernel_width: geometry.kernelWidth,
      stride: parameters.stride, dilation: parameters.dilation, top: parameters.padding.top,
      left: parameters.padding.left)
  }
}
