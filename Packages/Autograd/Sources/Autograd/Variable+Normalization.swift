public import Tensor

extension Variable {
  /// Batch norm with the statistics of this batch, for training.
  ///
  /// - Parameters:
  ///   - gamma: The scale of each channel, `[C]`.
  ///   - beta: The shift of each channel, `[C]`.
  ///   - epsilon: Added to the variance.
  /// - Returns: The normalised pixels, and the statistics, to update running ones with.
  public func batchNormalized(
    gamma: Variable, beta: Variable, epsilon: Float = 1e-5
  ) -> (output: Variable, statistics: BatchNormStatistics) {
    let statistics = value.batchStatistics()
    return (normalized(statistics, gamma, beta, epsilon, fixed: false), statistics)
  }

  /// Batch norm with fixed statistics; gamma and beta may train.
  ///
  /// - Parameters:
  ///   - statistics: Mean and variance of each channel.
  ///   - gamma: The scale of each channel, `[C]`.
  ///   - beta: The shift of each channel, `[C]`.
  ///   - epsilon: Added to the variance.
  /// - Returns: The normalised pixels.
  public func batchNormalized(
    _ statistics: BatchNormStatistics, gamma: Variable, beta: Variable, epsilon: Float = 1e-5
  ) -> Variable {
    normalized(statistics, gamma, beta, epsilon, fixed: true)
  }

  private func normalized(
    _ statistics: BatchNormStatistics, _ gamma: Variable, _ beta: Variable, _ epsilon: Float,
    fixed: Bool
  ) -> Variable {
    let (input, scale) = (value, gamma.value)
    let output = input.batchNormalized(
      statistics, gamma: scale, beta: beta.value, epsilon: epsilon)
    return Variable(output, parents: [self, gamma, beta]) { upstream in
      let gradient = upstream.batchNormGradient(
        input: input, statistics, gamma: scale, epsilon: epsilon, fixed: fixed)
      return [gradient.input, gradient.gamma, gradient.beta]
    }
  }

  /// Group norm; see `Tensor.groupNormalized`.
  public func groupNormalized(
    groups: Int, gamma: Variable, beta: Variable, epsilon: Float = 1e-5
  ) -> Variable {
    let (input, scale) = (value, gamma.value)
    let output = input.groupNormalized(
      groups: groups, gamma: scale, beta: beta.value, epsilon: epsilon)
    return Variable(output, parents: [self, gamma, beta]) { upstream in
      let gradient = upstream.groupNormGradient(
        input: input, groups: groups, gamma: scale, epsilon: epsilon)
      return [gradient.input, gradient.gamma, gradient.beta]
    }
  }

  /// Layer norm over the last axis; see `Tensor.layerNormalized`.
  public func layerNormalized(
    gamma: Variable, beta: Variable, epsilon: Float = 1e-5
  ) -> Variable {
    let (input, scale) = (value, gamma.value)
    let output = input.layerNormalized(gamma: scale, beta: beta.value, epsilon: epsilon)
    return Variable(output, parents: [self, gamma, beta]) { upstream in
      let gradient = upstream.layerNormGradient(input: input, gamma: scale, epsilon: epsilon)
      return [gradient.input, gradient.gamma, gradient.beta]
    }
  }
}
