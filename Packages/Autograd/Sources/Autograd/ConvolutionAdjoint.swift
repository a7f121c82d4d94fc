internal import Tensor

/// What a convolution's gradients need again, and nothing else: an operand that no required
/// gradient reads is not kept.
struct ConvolutionAdjoint {
  private let input: Tensor?
  private let weight: Tensor?
  private let output: Tensor?
  private let inputShape: Shape
  private let weightShape: Shape
  private let parameters: Convolution2dParameters
  private let activation: FusedActivation
  private let wantsBias: Bool

  // `wantsBias`: whether the gradient of what is added to each channel is wanted.
  init(
    input: Variable, weight: Tensor, wantsWeight: Bool, wantsBias: Bool,
    _ parameters: Convolution2dParameters, output: Tensor, _ activation: FusedActivation
  ) {
    self.input = wantsWeight ? input.value : nil
    self.weight = input.requiresGradient ? weight : nil
    self.output = activation == .none ? nil : output
    (inputShape, weightShape) = (input.shape, weight.shape)
    (self.parameters, self.activation) = (parameters, activation)
    self.wantsBias = wantsBias
  }

  /// The gradient before the activation, which is the residual's too, and the bias' where the
  /// same pass gives it.
  func beforeActivation(_ upstream: Tensor) -> (gradient: Tensor, bias: Tensor?) {
    guard let output else { return (upstream, nil) }
    guard wantsBias else { return (activation.gradient(upstream, output: output), nil) }
    return activation.gradientAndBiasGradient(upstream, output: output)
  }

  /// The gradients from those before the activation; `nil` where one is not wanted.
  func gradients(
    _ upstream: Tensor, bias: Tensor?
  ) -> (input: Tensor?, weight: Tensor?, bias: Tensor?) {
    let inputGradient = weight.map {
      upstream.convolution2dInputGradient($0, inputShape: inputShape, parameters)
    }
    let missesBias = wantsBias && bias == nil
    if let input {
      let gradients = upstream.convolution2dWeightGradient(
        input: input, weightShape: weightShape, parameters, withBias: missesBias)
      return (inputGradient, gradients.weight, bias ?? gradients.bias)
    }
    return (inputGradient, nil, missesBias ? upstream.biasGradient() : bias)
  }
}
