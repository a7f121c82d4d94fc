public import Autograd
public import Tensor

/// A multi-label classifier whose last layer is a map for each class: the source of class
/// activation maps.
///
/// A 1x1 convolution without bias makes the maps and pooling makes a score of each, so a score says
/// which pixels it comes from. Zhou et al., 2015 (https://arxiv.org/abs/1512.04150).
public final class CAMClassifier: Module {
  /// How a map becomes a score.
  public enum Pooling: Sendable, Hashable {
    /// The mean over all pixels.
    case average
    /// The mean over pixels above `theta` times the map's maximum; see
    /// `Variable.thresholdedAveragePooled`.
    case thresholded(theta: Float)
  }

  /// What the classifier makes of images.
  public struct Output {
    /// A score for each class, before the logistic function: `[N, classes]`.
    public let logits: Variable
    /// What the scores were pooled from: `[N, H, W, classes]`, of either sign.
    public let maps: Variable
  }

  /// The features.
  public let backbone: any FeatureExtractor
  private let classifier: Convolution2d
  private let pooling: Pooling

  /// Creates a classifier with random weights.
  public init(
    backbone: any FeatureExtractor, classCount: Int, pooling: Pooling = .average,
    using generator: inout PhiloxGenerator
  ) {
    self.backbone = backbone
    self.pooling = pooling
    classifier = Convolution2d(
      inChannels: backbone.channels, outChannels: classCount, kernelSize: 1, using: &generator)
  }

  /// Scores and maps of images, `[N, H, W, 3]`.
  public func callAsFunction(_ image: Variable) -> Output {
    let maps = classifier(backbone(image))
    switch pooling {
    case .average: return Output(logits: GlobalAveragePool2d()(maps).flattened(), maps: maps)
    case .thresholded(let theta):
      return Output(logits: maps.thresholdedAveragePooled(theta: theta), maps: maps)
    }
  }

  /// The class activation maps of images: the maps where they speak for the class.
  ///
  /// - Parameters:
  ///   - image: `[N, H, W, 3]`.
  ///   - normPower: The maps are multiplied with this power, 0 or more, of two Euclidean norms: of
  ///     the last features and of those by whose likeness maps are spread. Objects have larger
  ///     features than what is around them, whatever their class; Wei et al., 2017
  ///     (https://arxiv.org/abs/1604.04994), find objects by the features' sums.
  ///   - affinityPower: The maps are then spread with this power to pixels that look alike in the
  ///     second of the backbone's `affinityStages`, see `LikenessSpread`; `nil`: they are not.
  /// - Returns: `[N, H, W, classes]`, 0 or more; without gradients where spread, norms are
  ///   constants.
  public func activationMaps(
    _ image: Variable, normPower: Float = 0, affinityPower: Float? = nil
  ) -> Variable {
    let stages = backbone.stages(image)
    let (features, last) = (stages[backbone.affinityStages[1]].value, stages[stages.count - 1])
    var maps = classifier(last).activated(.relu)
    if normPower > 0 {
      let norms =
        last.value.channelNorms
        * features.channelNorms.resized(height: maps.shape[1], width: maps.shape[2])
      maps = maps * Variable(norms.power(normPower))
    }
    guard let affinityPower else { return maps }
    return Variable(LikenessSpread.spread(maps.value, by: features, power: affinityPower))
  }
}

extension Tensor {
  /// The Euclidean norm over the channels of each pixel: `[N, H, W, 1]` for `[N, H, W, C]`.
  fileprivate var channelNorms: Tensor { squared().sum([3], keepingAxes: true).squareRoot() }
}

extension Variable {
  /// The mean, for each image and channel, over the pixels whose value exceeds `theta` times the
  /// channel's maximum, or a maximum below 0 divided by `theta`.
  ///
  /// Which pixels are kept is a constant for the gradient. Bae, Noh, Kim, ECCV 2020, section 3.1,
  /// pool features, which are never negative; a map without a positive pixel would have a score of
  /// 0 and no gradient, and a network that starts there never learns.
  ///
  /// - Parameter theta: The share of the maximum; the method's is 0.1.
  /// - Returns: `[N, C]` for `[N, H, W, C]`.
  public func thresholdedAveragePooled(theta: Float) -> Variable {
    check(shape.rank == 4, "thresholdedAveragePooled: shape \(shape), expected [N, H, W, C]")
    let largest = value.max([1, 2], keepingAxes: true)
    let mask = value.greater(than: (largest * theta).minimum(largest / Swift.max(theta, 1e-6)))
    let counts = mask.sum([1, 2]).clamped(1, .infinity)
    let output = (self * Variable(mask)).sum([1, 2]) / Variable(counts)
    Trace.record(.thresholdedAveragePool(theta: theta), [self], output)
    return output
  }
}
