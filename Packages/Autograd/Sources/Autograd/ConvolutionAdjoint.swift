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

  /// The gradient before the activation, which is the residual's too.
  func beforeActivation(_ upstream: Tensor) -> Tensor {
    output.map { activation.gradient(upstream, output: $0) } ?? upstream
  }

  /// The gradients from that before the activation; `nil` where it is not wanted.
  func gradients(_ upstream: Tensor) -> (input: Tensor?, weight: Tensor?, bias: Tensor?) {
    let inputGradient = weight.map {
      upstream.convolution2dInputGradient($0, inputShape: inputShape, parameters)
    }
    if let input {
      let gradients = upstream.convolution2dWeightGradient(
        input: input, weightShape: weightShape, parameters, withBias: wantsBias)
      return (inputGradient, gradients.weight, gradients.bias)
    }
    return (inputGradient, nil, wantsBias ? upstream.biasGradient() : nil)
  }
}
