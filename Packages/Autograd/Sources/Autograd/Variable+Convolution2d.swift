public import Tensor

extension Variable {
  /// The 2-d convolution of images with what usually follows it fused in:
  /// `activation(convolution(self, weight) + bias + residual)`.
  ///
  /// - Parameters:
  ///   - weight: `[KH, KW, C / groups, O]`.
  ///   - bias: `[O]`, or `nil`.
  ///   - parameters: Stride, padding, dilation and groups.
  ///   - activation: What is applied last; its gradient at a kink is 0, as in PyTorch.
  ///   - residual: A variable of the result's shape, added before the activation, or `nil`.
  /// - Returns: `[N, H', W', O]`.
  public func convolution2d(
    _ weight: Variable, bias: Variable? = nil, _ parameters: Convolution2dParameters = .init(),
    activation: FusedActivation = .none, residual: Variable? = nil
  ) -> Variable {
    let output = value.convolution2d(
      weight.value, bias: bias?.value, parameters, activation: activation,
      residual: residual?.value)
    let adjoint = ConvolutionAdjoint(
      input: self, weight: weight.value, wantsWeight: weight.requiresGradient,
      wantsBias: bias?.requiresGradient ?? false, parameters, output: output, activation)
    let (hasBias, hasResidual) = (bias != nil, residual != nil)
    return Variable(output, parents: [self, weight] + [bias, residual].compactMap(\.self)) {
      let (upstream, bias) = adjoint.beforeActivation($0)
      let gradients = adjoint.gradients(upstream, bias: bias)
      return [gradients.input, gradients.weight] + (hasBias ? [gradients.bias] : [])
        + (hasResidual ? [upstream] : [])
    }
  }

  /// A 2-d convolution without bias, a batch norm with fixed statistics, and what usually follows:
  /// `activation(norm(convolution(self, weight)) + residual)`, at the cost of the convolution.
  ///
  /// The norm is folded into the convolution, also while `weight`, `gamma` and `beta` train; see
  /// `FoldedBatchNorm`.
  ///
  /// - Parameters:
  ///   - weight: `[KH, KW, C / groups, O]`.
  ///   - gamma: The norm's scale, `[O]`.
  ///   - beta: The norm's shift, `[O]`.
  ///   - mean: The norm's fixed mean, `[O]`.
  ///   - variance: The norm's fixed variance, `[O]`.
  ///   - epsilon: Added to the variance.
  ///   - parameters: Stride, padding, dilation and groups.
  ///   - activation: What is applied last; its gradient at a kink is 0, as in PyTorch.
  ///   - residual: A variable of the result's shape, added before the activation, or `nil`.
  /// - Returns: `[N, H', W', O]`.
  public func convolution2dBatchNorm(
    _ weight: Variable, gamma: Variable, beta: Variable, mean: Tensor, variance: Tensor,
    epsilon: Float = 1e-5, _ parameters: Convolution2dParameters = .init(),
    activation: FusedActivation = .none, residual: Variable? = nil
  ) -> Variable {
    let norm = FoldedBatchNorm(
      gamma: gamma.value, beta: beta.value, mean: mean, variance: variance, epsilon: epsilon)
    let folded = norm.fold(weight.value)
    let output = value.convolution2d(
      folded, bias: norm.bias, parameters, activation: activation, residual: residual?.value)
    let wantsWeight = weight.requiresGradient || gamma.requiresGradient
    let adjoint = ConvolutionAdjoint(
      input: self, weight: folded, wantsWeight: wantsWeight,
      wantsBias: wantsWeight || beta.requiresGradient, parameters, output: output, activation)
    let unfolded = wantsWeight ? weight.value : nil
    let hasResidual = residual != nil
    let parents = [self, weight, gamma, beta] + [residual].compactMap(\.self)
    return Variable(output, parents: parents) {
      let (upstream, bias) = adjoint.beforeActivation($0)
      let gradients = adjoint.gradients(upstream, bias: bias)
      var result = [gradients.input, nil, nil, gradients.bias]
      if let unfolded, let weight = gradients.weight, let bias = gradients.bias {
        let (weight, gamma, _) = norm.gradients(
          weight: unfolded, foldedWeightGradient: weight, biasGradient: bias)
        (result[1], result[2]) = (weight, gamma)
      }
      return hasResidual ? result + [upstream] : result
    }
  }
}
