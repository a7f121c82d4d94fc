/// Group norm: each image's channels in groups, each normalised over its channels and all pixels.
/// Wu and He, 2018.
extension Tensor {
  /// Normalises each group of channels of each image, then scales and shifts each channel.
  ///
  /// - Parameters:
  ///   - groups: How many groups the channels form, in order.
  ///   - gamma: The scale of each channel, `[C]`.
  ///   - beta: The shift of each channel, `[C]`.
  ///   - epsilon: Added to the variance.
  /// - Returns: The normalised images, of the shape `[N, ..., C]` of `self`.
  public func groupNormalized(
    groups: Int, gamma: Tensor, beta: Tensor, epsilon: Float = 1e-5
  ) -> Tensor {
    let statistics = GroupStatistics(self, groups: groups, epsilon: epsilon)
    checkChannels("groupNormalized", gamma, beta)
    let (weights, shifts) = (gamma.scalars, beta.scalars)
    let plan = statistics.plan
    let scale = statistics.scale.enumerated().map { $1 * weights[$0 % plan.channels] }
    let shift = scale.enumerated().map {
      shifts[$0 % plan.channels] - statistics.mean[$0] * $1
    }
    return plan.affine(self, scale: scale, shift: shift)
  }

  /// The adjoint of `groupNormalized`; `self` is the gradient of its result.
  ///
  /// - Parameters:
  ///   - input: What was normalised.
  ///   - groups: As given.
  ///   - gamma: As given.
  ///   - epsilon: As given.
  /// - Returns: The gradients of input, gamma and beta.
  public func groupNormGradient(
    input: Tensor, groups: Int, gamma: Tensor, epsilon: Float = 1e-5
  ) -> (input: Tensor, gamma: Tensor, beta: Tensor) {
    check(shape == input.shape, "groupNormGradient: upstream \(shape), input \(input.shape)")
    checkChannels("groupNormGradient", gamma)
    let statistics = GroupStatistics(input, groups: groups, epsilon: epsilon)
    let plan = statistics.plan
    let sums = plan.gradientSums(
      self, input, mean: statistics.mean, scale: statistics.scale)
    let weights = gamma.scalars
    let factor = (0..<plan.outer * plan.channels).map { weights[$0 % plan.channels] }
    let gradient = plan.normalizedGradient(
      self, input, mean: statistics.mean, scale: statistics.scale, factor: factor,
      meanGradient: statistics.groupMeans(zip(sums.plain, factor).map { $0 * Double($1) }),
      meanProduct: statistics.groupMeans(zip(sums.normalized, factor).map { $0 * Double($1) }))
    func overImages(_ values: [Double]) -> Tensor {
      var totals = [Double](repeating: 0, count: plan.channels)
      for (index, value) in values.enumerated() { totals[index % plan.channels] += value }
      return Tensor(totals.map(Float.init))
    }
    return (gradient, overImages(sums.normalized), overImages(sums.plain))
  }

  /// Normalises each row, the elements along the last axis, then scales and shifts each column.
  ///
  /// - Parameters:
  ///   - gamma: The scale of each column, `[C]`.
  ///   - beta: The shift of each column, `[C]`.
  ///   - epsilon: Added to the variance.
  /// - Returns: The normalised rows. Ba, Kiros and Hinton, 2016.
  public func layerNormalized(gamma: Tensor, beta: Tensor, epsilon: Float = 1e-5) -> Tensor {
    checkChannels("layerNormalized", gamma, beta)
    return standardizedRows(epsilon).rows * gamma + beta
  }

  /// The adjoint of `layerNormalized`; `self` is the gradient of its result.
  ///
  /// - Parameters:
  ///   - input: What was normalised.
  ///   - gamma: As given.
  ///   - epsilon: As given.
  /// - Returns: The gradients of input, gamma and beta.
  public func layerNormGradient(
    input: Tensor, gamma: Tensor, epsilon: Float = 1e-5
  ) -> (input: Tensor, gamma: Tensor, beta: Tensor) {
    check(shape == input.shape, "layerNormGradient: upstream \(shape), input \(input.shape)")
    checkChannels("layerNormGradient", gamma)
    let (rows, scales) = input.standardizedRows(epsilon)
    let all = Array(0..<rank - 1)
    return (
      (self * gamma).standardizedRowsGradient(rows, scales), (self * rows).sum(all), sum(all)
    )
  }
}

/// Mean and scale of each image's groups, repeated for each of their channels.
private struct GroupStatistics {
  let plan: ChannelNormalization
  let groupSize: Int
  private(set) var mean: [Float] = []
  private(set) var scale: [Float] = []

  init(_ x: Tensor, groups: Int, epsilon: Float) {
    check(
      x.rank >= 2 && groups >= 1 && x.shape[-1] % groups == 0,
      "groupNorm: \(groups) groups of the channels of \(x.shape)")
    plan = ChannelNormalization(x.shape, perImage: true)
    groupSize = plan.channels / groups
    mean = groupMeans(plan.sums(of: x)).map(Float.init)
    scale = groupMeans(plan.squares(of: x, around: mean)).map {
      Float(1 / ($0 + Double(epsilon)).squareRoot())
    }
  }

  /// Sums of channels as means over their group's channels and pixels, for each channel.
  func groupMeans(_ sums: [Double]) -> [Double] {
    let count = Double(groupSize * plan.rows)
    return sums.indices.map { index in
      let first = index / groupSize * groupSize
      return sums[first..<first + groupSize].reduce(0, +) / count
    }
  }
}
