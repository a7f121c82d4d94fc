internal import CKernels
internal import Synchronization

/// Winograd's F(4x4, 3x3): 3x3 convolution of stride 1 with a quarter of the multiplications.
///
/// `convolution2d` and its adjoints use it where it is faster than direct convolution, 2.5 to 3
/// times from 64 channels on. Its rounding error stays below 5e-6 of the result's root mean square,
/// a few times that of direct convolution, and its bits do not depend on the number of threads. An
/// infinity or NaN in the input reaches all outputs of its 4x4 tile, not only its neighbours.
///
/// Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016.
public enum WinogradConvolution {
  private static let enabled = Atomic(true)

  /// Whether convolutions may use it; `true` unless set otherwise, for the whole process.
  public static var isEnabled: Bool {
    get { enabled.load(ordering: .relaxed) }
    set { enabled.store(newValue, ordering: .relaxed) }
  }

  package enum Pass { case forward, inputGradient, weightGradient }

  /// Whether it computes this convolution at all.
  package static func supports(_ geometry: Convolution2dGeometry) -> Bool {
    let parameters = geometry.parameters
    return geometry.kernelHeight == 3 && geometry.kernelWidth == 3 && parameters.stride == 1
      && parameters.groups == 1
  }

  /// Whether it is faster than direct convolution, as measured on Zen 4 with AVX-512.
  ///
  /// - The transforms work on 16 channels at once: below 16 they cost more than they save.
  /// - Weights are transformed, and threads joined, however little there is to multiply. It takes 9
  ///   tiles of 4x4 outputs and 1024 tiles times channels to pay for that; for the gradient of the
  ///   weights, which starts no product before all transforms are done, 32 and 3072.
  /// - A tile costs the same where most of it lies outside the image, as with large dilations;
  ///   direct convolution skips what is outside. At 40 % inside, both take the same time.
  package static func isFaster(_ geometry: Convolution2dGeometry, _ pass: Pass) -> Bool {
    let (height, width, leastTiles, leastWork) =
      switch pass {
      case .forward: (geometry.outHeight, geometry.outWidth, 9, 1024)
      case .inputGradient: (geometry.inHeight, geometry.inWidth, 9, 1024)
      case .weightGradient: (geometry.outHeight, geometry.outWidth, 32, 3072)
      }
    let (dilation, padding) = (geometry.parameters.dilation, geometry.parameters.padding)
    func tiles(_ extent: Int) -> Int {
      let step = 4 * dilation
      return (0..<dilation).reduce(0) { $0 + (max(extent - $1, 0) + step - 1) / step }
    }
    // Pairs of an output and a tap that meets the image, along an axis.
    func products(_ inputs: Int, _ outputs: Int, _ before: Int) -> Int {
      (0..<3).reduce(0) {
        let shift = before - $1 * dilation
        return $0 + max(min(outputs, inputs + shift) - max(shift, 0), 0)
      }
    }
    let perImage = tiles(height) * tiles(width)
    let inside =
      products(geometry.inHeight, geometry.outHeight, padding.top)
      * products(geometry.inWidth, geometry.outWidth, padding.left)
    let channels = min(geometry.inChannels, geometry.outChannels)
    let count = geometry.batch * perImage
    return channels >= 16 && count >= leastTiles && count * channels >= leastWork
      && Double(inside) >= 0.4 * Double(9 * 16 * perImage)
  }

  static func isChosen(_ geometry: Convolution2dGeometry, _ pass: Pass) -> Bool {
    supports(geometry) && isEnabled && isFaster(geometry, pass)
  }
}

extension WinogradConvolution {
  package static func forward(
    _ geometry: Convolution2dGeometry, input: Tensor, weight: Tensor, bias: Tensor?,
    activation: FusedActivation, residual: Tensor?
  ) -> Tensor {
    let output = Tensor(uninitialized: geometry.outputShape)
    let (lower, upper): (Float, Float) =
      switch activation {
      case .none: (-.infinity, .infinity)
      case .relu: (0, .infinity)
      case .relu6: (0, 6)
      }
    // Safe: the tensors have the geometry's shapes and live until the end.
    let epilogue = unsafe ck_winograd_epilogue(
      bias: bias?.storage.floats, residual: residual?.storage.floats, lower: lower, upper: upper)
    let succeeded = unsafe ck_winograd_forward(
      ck_winograd_shape(geometry), input.storage.floats, weight.storage.floats, epilogue,
      output.storage.floats)
    withExtendedLifetime((input, weight, bias, residual)) {}
    return checked(output, succeeded, geometry)
  }

  package static func inputGradient(
    _ geometry: Convolution2dGeometry, upstream: Tensor, weight: Tensor
  ) -> Tensor {
    let gradient = Tensor(uninitialized: geometry.inputShape)
    // Safe: the tensors have the geometry's shapes and live until the end.
    let succeeded = unsafe ck_winograd_input_gradient(
      ck_winograd_shape(geometry), upstream.storage.floats, weight.storage.floats,
      gradient.storage.floats)
    withExtendedLifetime((upstream, weight)) {}
    return checked(gradient, succeeded, geometry)
  }

  package static func weightGradient(
    _ geometry: Convolution2dGeometry, input: Tensor, upstream: Tensor, withBias: Bool
  ) -> (weight: Tensor, bias: Tensor?) {
    let gradient = Tensor(uninitialized: geometry.weightShape)
    let bias = withBias ? Tensor(uninitialized: [geometry.outChannels]) : nil
    // Safe: the tensors have the geometry's shapes and live until the end.
    let succeeded = unsafe ck_winograd_weight_gradient(
      ck_winograd_shape(geometry), input.storage.floats, upstream.storage.floats,
      gradient.storage.floats, bias?.storage.floats)
    withExtendedLifetime((input, upstream, bias)) {}
    return (checked(gradient, succeeded, geometry), bias)
  }

  private static func checked(
    _ result: Tensor, _ succeeded: Bool, _ geometry: Convolution2dGeometry
  ) -> Tensor {
    check(succeeded, "out of memory: no room for the Winograd transforms of \(geometry)")
    return result
  }
}

extension ck_winograd_shape {
  fileprivate init(_ geometry: Convolution2dGeometry) {
    let parameters = geometry.parameters
    self.init(
      batch: geometry.batch, in_height: geometry.inHeight, in_width: geometry.inWidth,
      in_channels: geometry.inChannels, out_height: geometry.outHeight,
      out_width: geometry.outWidth, out_channels: geometry.outChannels,
      top: parameters.padding.top, left: parameters.padding.left, dilation: parameters.dilation)
  }
}
