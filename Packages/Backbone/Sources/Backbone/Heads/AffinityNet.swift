public import Autograd
public import Tensor

/// PSA's affinity network: features in which pixels of one class lie close together.
///
/// Ahn and Kwak, CVPR 2018 (https://arxiv.org/abs/1803.10464), with the names of its code. Takes
/// the `affinityStages` of a backbone: `f8_3` and its siblings see them shallow to deep, and what
/// is coarser than the first is enlarged to it, so that the features have stride 8 on each of ours.
public final class AffinityNet: Module {
  // swift-format-ignore: AlwaysUseLowerCamelCase (the names of the published files)
  private let f8_3, f8_4, f8_5: Convolution2d
  private let f9: Convolution2d

  /// Creates a network with random weights.
  ///
  /// - Parameters:
  ///   - channels: Channels of the three inputs, shallow to deep.
  ///   - generator: Draws the weights.
  public init(channels: [Int], using generator: inout PhiloxGenerator) {
    check(channels.count == 3, "AffinityNet: \(channels.count) inputs, expected 3")
    func projection(_ input: Int, _ output: Int) -> Convolution2d {
      Convolution2d(inChannels: input, outChannels: output, kernelSize: 1, using: &generator)
    }
    (f8_3, f8_4) = (projection(channels[0], 64), projection(channels[1], 128))
    (f8_5, f9) = (projection(channels[2], 256), projection(448, 448))
    f9.weight.assign(.xavierUniform(f9.weight.shape, gain: 4, using: &generator))
  }

  /// Creates a network for a backbone's `affinityStages`.
  public convenience init(
    backbone: any FeatureExtractor, using generator: inout PhiloxGenerator
  ) {
    self.init(
      channels: backbone.affinityStages.map { backbone.stageChannels[$0] }, using: &generator)
  }

  /// The features, `[N, H, W, 448]`.
  ///
  /// - Parameter stages: The outputs of the backbone's `affinityStages`, shallow to deep, of any
  ///   sizes; the first is `[N, H, W, C]`.
  /// - Returns: Features, above -1.
  public func callAsFunction(_ stages: [Variable]) -> Variable {
    check(stages.count == 3, "AffinityNet: \(stages.count) inputs, expected 3")
    let parts = zip([f8_3, f8_4, f8_5], stages).map { $0($1).scaled(like: stages[0]).elu() }
    return f9(.joining(parts)).elu()
  }

  /// The affinities of pixels with those around them, `exp(-mean |f_i - f_j|)`, to be looked at or
  /// trained by a loss of one's own; `AffinityLoss` trains without keeping them.
  ///
  /// - Parameters:
  ///   - features: `[N, H, W, C]`, H and W no less than the radius.
  ///   - pairs: Which pixels belong together.
  /// - Returns: For each of `pairs.offsets` the affinities of all first pixels that have a partner:
  ///   `[N, H - dy, W - |dx|]`, the first pixel's column starting at `max(-dx, 0)`.
  public static func affinities(_ features: Variable, pairs: PixelPairs) -> [Variable] {
    let (height, width) = (features.shape[1], features.shape[2])
    check(
      min(height, width) >= pairs.radius,
      "AffinityNet: radius \(pairs.radius) in features of shape \(features.shape)")
    return pairs.offsets.map { offset in
      let (dy, dx) = (offset.dy, offset.dx)
      let rows = AxisRange(0..<height - dy)
      let columns = AxisRange(max(-dx, 0)..<width - max(dx, 0))
      let first = features.sliced([.all, rows, columns])
      let second = features.sliced(
        [.all, AxisRange(dy..<height), AxisRange(max(dx, 0)..<width - max(-dx, 0))])
      return (-(first - second).abs().mean([-1])).exp()
    }
  }
}
