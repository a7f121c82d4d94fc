/// Which kernel computes a convolution.
extension Convolution2dGeometry {
  func forward(
    input: Tensor, weight: Tensor, bias: Tensor?, activation: FusedActivation, residual: Tensor?
  ) -> Tensor {
    OneDNNConvolution.cached(
      self, .forward(bias: bias != nil, residual: residual != nil, activation)
    ).forward(input: input, weight: weight, bias: bias, residual: residual)
  }

  func inputGradient(upstream: Tensor, weight: Tensor) -> Tensor {
    OneDNNConvolution.cached(self, .inputGradient)
      .inputGradient(upstream: upstream, weight: weight)
  }

  func weightGradient(
    input: Tensor, upstream: Tensor, withBias: Bool
  ) -> (weight: Tensor, bias: Tensor?) {
    OneDNNConvolution.cached(self, .weightGradient(bias: withBias))
      .weightGradient(input: input, upstream: upstream)
  }
}
