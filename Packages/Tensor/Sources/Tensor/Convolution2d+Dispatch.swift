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
    if let residual, hasWidePadding {
      // oneDNN 2.6 adds the residual in the wrong place where a tap touches no pixel.
      var sum = forward(
        input: input, weight: weight, bias: bias, activation: .none, residual: nil)
      sum.add(residual)
      return activation.applied(to: sum)
    }
    return OneDNNConvolution.cached(
      self, .forward(bias: bias != nil, residual: residual != nil, activation)
    ).forward(input: input, weight: weight, bias: bias, residual: residual)
  }

  func inputGradient(upstream: Tensor, weight: Tensor) -> Tensor {
    if WinogradConvolution.isChosen(self, .inputGradient) {
      return WinogradConvolution.inputGradient(self, upstream: upstream, weight: weight)
    }
    if let mirrored = DepthwiseConvolution.mirrored(self) {
      return OneDNNConvolution.cached(mirrored, .forward(bias: false, residual: false, .none))
        .forward(
          input: upstream, weight: DepthwiseConvolution.turned(weight), bias: nil, residual: nil)
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
    if DepthwiseConvolution.isFasterForWeightGradient(self) {
      return DepthwiseConvolution.weightGradient(
        self, input: input, upstream: upstream, withBias: withBias)
    }
    return OneDNNConvolution.cached(self, .weightGradient(bias: withBias))
      .weightGradient(input: input, upstream: upstream)
  }
}
