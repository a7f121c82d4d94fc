/// What a batch norm saw: the statistics it normalised with.
public struct BatchNormStatistics: Sendable {
  /// The mean of each channel, `[C]`.
  public let mean: Tensor
  /// The biased variance of each channel (mean square), `[C]`.
  public let variance: Tensor
  /// Pixels they were taken over.
  public let count: Int

  /// Creates statistics, such as the running ones of a checkpoint.
  public init(mean: Tensor, variance: Tensor, count: Int = 0) {
    check(
      mean.rank == 1 && mean.shape == variance.shape,
      "BatchNormStatistics: mean \(mean.shape), variance \(variance.shape)")
    self.mean = mean
    self.variance = variance
    self.count = count
  }

  /// Moves running statistics towards these, as PyTorch does: with the unbiased variance.
  ///
  /// - Parameters:
  ///   - mean: The running mean, `[C]`.
  ///   - variance: The running variance, `[C]`.
  ///   - momentum: The share of the new statistics; PyTorch's default is 0.1.
  public func updateRunning(mean: inout Tensor, variance: inout Tensor, momentum: Float = 0.1) {
    let unbiased = count > 1 ? Float(count) / Float(count - 1) : 1
    mean = mean * (1 - momentum) + self.mean * momentum
    variance = variance * (1 - momentum) + self.variance * (unbiased * momentum)
  }
}

/// Batch norm over the last axis: `(x - mean) / sqrt(variance + epsilon) * gamma + beta`.
/// Ioffe and Szegedy, 2015.
extension Tensor {
  /// The mean and the biased variance of each channel over all other axes.
  ///
  /// - Precondition: There is a pixel.
  public func batchStatistics() -> BatchNormStatistics {
    check(rank >= 1 && (count > 0 || shape[-1] == 0), "batchStatistics: no pixels in \(shape)")
    let plan = ChannelNormalization(shape, perImage: false)
    let n = Double(plan.rows)
    let mean = plan.sums(of: self).map { Float($0 / n) }
    let variance = plan.squares(of: self, around: mean).map { Float($0 / n) }
    return BatchNormStatistics(
      mean: Tensor(mean), variance: Tensor(variance), count: plan.rows)
  }

  /// Normalises with given statistics, those of the batch in training or fixed ones.
  ///
  /// - Parameters:
  ///   - statistics: Mean and variance of each channel.
  ///   - gamma: The scale of each channel, `[C]`.
  ///   - beta: The shift of each channel, `[C]`.
  ///   - epsilon: Added to the variance.
  /// - Returns: The normalised pixels.
  public func batchNormalized(
    _ statistics: BatchNormStatistics, gamma: Tensor, beta: Tensor, epsilon: Float = 1e-5
  ) -> Tensor {
    checkChannels("batchNormalized", statistics.mean, gamma, beta)
    let scales = statistics.scales(epsilon)
    let scale = zip(scales, gamma.scalars).map { $0 * $1 }
    let shift = zip(zip(statistics.mean.scalars, scale), beta.scalars).map { $1 - $0.0 * $0.1 }
    return ChannelNormalization(shape, perImage: false).affine(self, scale: scale, shift: shift)
  }

  /// The adjoint of `batchNormalized`; `self` is the gradient of its result.
  ///
  /// - Parameters:
  ///   - input: What was normalised.
  ///   - statistics: As given.
  ///   - gamma: As given.
  ///   - epsilon: As given.
  ///   - fixed: Whether the statistics are constants; in training they depend on the input.
  /// - Returns: The gradients of input, gamma and beta.
  public func batchNormGradient(
    input: Tensor, _ statistics: BatchNormStatistics, gamma: Tensor, epsilon: Float = 1e-5,
    fixed: Bool
  ) -> (input: Tensor, gamma: Tensor, beta: Tensor) {
    check(shape == input.shape, "batchNormGradient: upstream \(shape), input \(input.shape)")
    checkChannels("batchNormGradient", statistics.mean, gamma)
    let plan = ChannelNormalization(shape, perImage: false)
    let mean = statistics.mean.scalars
    let scale = statistics.scales(epsilon)
    let sums = plan.gradientSums(self, input, mean: mean, scale: scale)
    let weights = gamma.scalars
    let gradient: Tensor
    if fixed {
      gradient = plan.affine(
        self, scale: zip(scale, weights).map { $0 * $1 },
        shift: Array(repeating: 0, count: scale.count))
    } else {
      gradient = plan.normalizedGradient(
        self, input, mean: mean, scale: scale, factor: weights,
        meanGradient: zip(sums.plain, weights).map { $0 / Double(plan.rows) * Double($1) },
        meanProduct: zip(sums.normalized, weights).map { $0 / Double(plan.rows) * Double($1) })
    }
    return (gradient, Tensor(sums.normalized.map(Float.init)), Tensor(sums.plain.map(Float.init)))
  }

  func checkChannels(_ operation: String, _ parameters: Tensor...) {
    for parameter in parameters {
      check(
        rank >= 1 && parameter.shape == [shape[-1]],
        "\(operation): \(parameter.shape) for the channels of \(shape)")
    }
  }
}

extension BatchNormStatistics {
  fileprivate func scales(_ epsilon: Float) -> [Float] {
    variance.scalars.map { Float(1 / (Double($0) + Double(epsilon)).squareRoot()) }
  }
}

extension ChannelNormalization {
  /// The gradient through a normalisation whose statistics depend on the input:
  /// `scale * (g * factor - meanGradient - xhat * meanProduct)`, `xhat` the normalised input.
  func normalizedGradient(
    _ upstream: Tensor, _ x: Tensor, mean: [Float], scale: [Float], factor: [Float],
    meanGradient: [Double], meanProduct: [Double]
  ) -> Tensor {
    var (a, b, c) = ([Float](), [Float](), [Float]())
    for index in 0..<outer * channels {
      let s = Double(scale[index])
      a.append(Float(s * Double(factor[index])))
      b.append(Float(-s * s * meanProduct[index]))
      c.append(Float(s * (s * Double(mean[index]) * meanProduct[index] - meanGradient[index])))
    }
    return combine(upstream, x, a, b, c)
  }
}
