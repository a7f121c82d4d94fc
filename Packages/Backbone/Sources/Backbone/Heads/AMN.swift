public import Autograd
public import Tensor

/// The attribute-manipulation network with FBR's three heads: the host of the FBR losses.
///
/// Features are multiplied channel by channel with an embedding of the image labels, so that the
/// network looks for the classes it is told of. Lee, Kim, Shim, CVPR 2022
/// (https://arxiv.org/abs/2203.16045).
public final class AMN: FBRNetwork {
  /// What the network makes of images and their labels.
  public struct Output {
    /// Scores of background and classes, before softmax: `[N, H, W, classes + 1]`.
    public let logits: Variable
    /// What is contrasted.
    public let embeddings: FBREmbeddings
  }

  /// What makes scores of the features.
  public enum Classifier: String, Sendable, Hashable, Codable, CaseIterable {
    /// `SummedASPP`, as published: looks far around each pixel, for maps of 32 x 32 and more.
    case aspp
    /// A 1x1 convolution: each pixel by itself.
    case pointwise
    /// A 1x1 convolution of the features and of two earlier stages, the first two of the backbone's
    /// `affinityStages`, each through a 1x1 convolution of its own. Those see less far and know
    /// better where a thing ends: hypercolumns, Hariharan et al. (https://arxiv.org/abs/1411.5752).
    case hierarchical

    fileprivate func make(
      inChannels: Int, outChannels: Int, using generator: inout PhiloxGenerator
    ) -> any Layer {
      switch self {
      case .aspp:
        return SummedASPP(inChannels: inChannels, outChannels: outChannels, using: &generator)
      case .pointwise, .hierarchical:
        let made = Convolution2d(
          inChannels: inChannels, outChannels: outChannels, kernelSize: 1, bias: true,
          using: &generator)
        made.weight.assign(generator.normal(shape: made.weight.shape, standardDeviation: 0.01))
        return made
      }
    }
  }

  private let sides: [Sequential]
  private let labelEmbedding: Linear
  private let dropout: Dropout
  private let classifier: any Layer
  private let conditionsEmbeddings: Bool

  /// Creates a network with random heads.
  ///
  /// - Parameters:
  ///   - backbone: The features.
  ///   - classCount: Foreground classes, C.
  ///   - embeddingSize: D.
  ///   - classifier: What makes scores of the features.
  ///   - conditionsEmbeddings: Whether FBR's heads see the features multiplied with the labels'
  ///     embedding, as published, or as they are. What all of a picture is multiplied with tells
  ///     pictures of unlike labels apart, whatever a pixel shows.
  ///   - random: Drawn from by dropout.
  ///   - generator: Draws the weights.
  public init(
    backbone: any FeatureExtractor, classCount: Int, embeddingSize: Int = 128,
    classifier: Classifier = .aspp, conditionsEmbeddings: Bool = true, random: RandomSource,
    using generator: inout PhiloxGenerator
  ) {
    let stages = classifier == .hierarchical ? backbone.affinityStages.prefix(2) : []
    sides = stages.map { stage in
      Sequential(
        Convolution2d(
          inChannels: backbone.stageChannels[stage], outChannels: Self.sideChannels, kernelSize: 1,
          using: &generator),
        BatchNorm2d(channels: Self.sideChannels), Activation(.relu))
    }
    let channels = backbone.channels + sides.count * Self.sideChannels
    labelEmbedding = Linear(inFeatures: classCount, outFeatures: channels, using: &generator)
    dropout = Dropout(rate: 0.1, random: random)
    self.conditionsEmbeddings = conditionsEmbeddings
    self.classifier = classifier.make(
      inChannels: channels, outChannels: classCount + 1, using: &generator)
    super.init(
      backbone: backbone, channels: channels, embeddingSize: embeddingSize, random: random,
      using: &generator)
  }

  /// Everything the losses need.
  ///
  /// - Parameters:
  ///   - image: `[N, H, W, 3]`.
  ///   - labels: 1 where the image shows the class, else 0: `[N, C]`.
  /// - Returns: Scores and embeddings at the backbone's output stride.
  public func callAsFunction(_ image: Variable, labels: Variable) -> Output {
    heads(features(image), labels: labels)
  }

  /// The scores alone, for inference.
  ///
  /// - Parameters:
  ///   - image: `[N, H, W, 3]`.
  ///   - labels: 1 where the image shows the class, else 0: `[N, C]`.
  /// - Returns: `[N, H, W, classes + 1]`.
  public func logits(_ image: Variable, labels: Variable) -> Variable {
    classifier(dropout(conditioned(features(image), labels)))
  }

  /// What the heads see of images `[N, H, W, 3]`: the backbone's features `[N, H, W, channels]`, with
  /// 256 channels more for `hierarchical`.
  public func features(_ image: Variable) -> Variable {
    guard !sides.isEmpty else { return backbone(image) }
    let stages = backbone.stages(image)
    let last = stages[stages.count - 1]
    return .joining(
      [last] + zip(sides, backbone.affinityStages).map { $0(stages[$1]).scaled(like: last) })
  }

  /// What the heads make of features.
  ///
  /// - Parameters:
  ///   - features: As `features` makes them.
  ///   - labels: 1 where the image shows the class, else 0: `[N, C]`.
  /// - Returns: Scores and embeddings.
  public func heads(_ features: Variable, labels: Variable) -> Output {
    let conditioned = conditioned(features, labels)
    return Output(
      logits: classifier(dropout(conditioned)),
      embeddings: embeddings(of: conditionsEmbeddings ? conditioned : features))
  }

  private static let sideChannels = 128

  private func conditioned(_ features: Variable, _ labels: Variable) -> Variable {
    check(
      labels.shape == [features.shape[0], labelEmbedding.weight.shape[1]],
      "AMN: labels of shape \(labels.shape), expected "
        + "\([features.shape[0], labelEmbedding.weight.shape[1]])")
    return features.times(labelEmbedding(labels).asImage())
  }
}
