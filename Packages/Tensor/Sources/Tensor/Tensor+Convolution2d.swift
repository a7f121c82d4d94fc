extension Tensor {
  /// The 2-d convolution (cross-correlation) of images, with what usually follows it fused in:
  /// `activation(convolution(self, weight) + bias + residual)`.
  ///
  /// The weight's layout is `[KH, KW, C / groups, O]`, the output channel innermost;
  /// `convolutionWeight(fromOIHW:)` makes it from PyTorch's.
  ///
  /// - Parameters:
  ///   - weight: `[KH, KW, C / groups, O]`.
  ///   - bias: `[O]`, or `nil`.
  ///   - parameters: Stride, padding, dilation and groups.
  ///   - activation: What is applied last.
  ///   - residual: A tensor of the result's shape, added before the activation, or `nil`.
  /// - Returns: `[N, H', W', O]`.
  /// - Precondition: `self` is `[N, H, W, C]` and the shapes agree.
  public func convolution2d(
    _ weight: Tensor, bias: Tensor? = nil, _ parameters: Convolution2dParameters = .init(),
    activation: FusedActivation = .none, residual: Tensor? = nil
  ) -> Tensor {
    let geometry = Convolution2dGeometry(
      "convolution2d", input: shape, weight: weight.shape, parameters)
    if let bias {
      check(
        bias.shape == [geometry.outChannels],
        "convolution2d: bias \(bias.shape) for \(geometry.outChannels) output channels")
    }
    if let residual {
      check(
        residual.shape == geometry.outputShape,
        "convolution2d: residual \(residual.shape) for output \(geometry.outputShape)")
    }
    guard geometry.batch > 0 else { return .zeros(geometry.outputShape) }
    return geometry.forward(
      input: self, weight: weight, bias: bias, activation: activation, residual: residual)
  }

  /// The adjoint of `convolution2d` in its input: `self` is the gradient of its result, before the
  /// activation.
  ///
  /// - Parameters:
  ///   - weight: `[KH, KW, C / groups, O]`.
  ///   - inputShape: The shape of the convolution's input, `[N, H, W, C]`.
  ///   - parameters: Stride, padding, dilation and groups.
  /// - Returns: The gradient in the input, of shape `inputShape`.
  /// - Precondition: `self` has the shape of the convolution's result.
  public func convolution2dInputGradient(
    _ weight: Tensor, inputShape: Shape, _ parameters: Convolution2dParameters = .init()
  ) -> Tensor {
    let geometry = Convolution2dGeometry(
      "convolution2dInputGradient", input: inputShape, weight: weight.shape, parameters)
    checkUpstream("convolution2dInputGradient", geometry)
    guard geometry.batch > 0 else { return .zeros(inputShape) }
    return geometry.inputGradient(upstream: self, weight: weight)
  }

  /// The adjoint of `convolution2d` in its weight and bias: `self` is the gradient of its result,
  /// before the activation.
  ///
  /// - Parameters:
  ///   - input: The convolution's input, `[N, H, W, C]`.
  ///   - weightShape: The shape of its weight, `[KH, KW, C / groups, O]`.
  ///   - parameters: Stride, padding, dilation and groups.
  ///   - withBias: Whether the bias' gradient is wanted too.
  /// - Returns: The gradients in the weight and, where wanted, in the bias, `[O]`.
  /// - Precondition: `self` has the shape of the convolution's result.
  public func convolution2dWeightGradient(
    input: Tensor, weightShape: Shape, _ parameters: Convolution2dParameters = .init(),
    withBias: Bool = false
  ) -> (weight: Tensor, bias: Tensor?) {
    let geometry = Convolution2dGeometry(
      "convolution2dWeightGradient", input: input.shape, weight: weightShape, parameters)
    checkUpstream("convolution2dWeightGradient", geometry)
    guard geometry.batch > 0 else {
      return (.zeros(weightShape), withBias ? .zeros([geometry.outChannels]) : nil)
    }
    return geometry.weightGradient(input: input, upstream: self, withBias: withBias)
  }

  private func checkUpstream(_ operation: String, _ geometry: Convolution2dGeometry) {
    check(
      shape == geometry.outputShape,
      "\(operation): upstream gradient \(shape) for output \(geometry.outputShape)")
  }
}
