/// Which kernel computes a convolution.
extension Convolution2dGeometry {
  func forward(
    input: Tensor, weight: Tensor, bias: Tensor?, activation: FusedActivation, residual: Tensor?
  ) -> Tensor {
    if WinogradConvolution.isChosen(self, .forward) {
      return WinogradConvolution.forward(
        self, input: input, weight: weight, bias: bias, activation: activation,
        residual: residual)
    }
    return OneDNNConvolution.cached(
      self, .forward(bias: bias != nil, residual: residual != nil, activation)
    ).forward(input: input, weight: weight, bias: bias, residual: residual)
  }

  func inputGradient(upstream: Tensor, weight: Tensor) -> Tensor {
    if WinogradConvolution.isChosen(self, .inputGradient) {
      return WinogradConvolution.inputGradient(self, upstream: upstream, weight: weight)
    }
    return OneDNNConvolution.cached(self, .inputGradient)
      .inputGradient(upstream: upstream, weight: weight)
  }

  func weightGradient(
    input: Tensor, upstream: Tensor, withBias: Bool
  ) -> (weight: Tensor, bias: Tensor?) {
    if WinogradConvolution.isChosen(self, .weightGradient) {
      return WinogradConvolution.weightGradient(
        self, input: input, upstream: upstream, withBias: withBias)
    }
    return OneDNNConvolution.cached(self, .weightGradient(bias: withBias))
      .weightGradient(input: input, upstream: upstream)
  }
}
