public import Autograd
public import Tensor

/// The network of the saliency route: the other host of the FBR losses.
///
/// A map for the background and one for each class, and `PCM`, which spreads them to pixels that
/// look alike. Du et al., CVPR 2022 (https://arxiv.org/abs/2110.07110), on the network of SEAM
/// (https://arxiv.org/abs/2004.04581).
public final class PPC: FBRNetwork {
  /// What the network makes of images.
  public struct Output {
    /// Scores of background and classes at each pixel, of either sign: `[N, H, W, classes + 1]`.
    public let maps: Variable
    /// The maps as `PCM` spreads them, 0...1, at the size of the deeper of its two inputs. Only
    /// `PCM`'s own weights get a gradient from them.
    public let refined: Variable
    /// What is contrasted.
    public let embeddings: FBREmbeddings

    /// The image's score for each class, the mean of its map: `[N, classes]`.
    public var logits: Variable {
      let scores = maps.mean([1, 2])
      return scores.sliced(1..<scores.shape[1], axis: 1)
    }
  }

  private let dropout: ChannelDropout
  private let classifier: Convolution2d
  private let pcm: PCM

  /// Creates a network with random heads.
  ///
  /// - Parameters:
  ///   - backbone: The features.
  ///   - classCount: Foreground classes, C.
  ///   - embeddingSize: D.
  ///   - dropout: The share of the features' channels that training leaves out; the published 0.5.
  ///   - random: Drawn from by dropout.
  ///   - generator: Draws the weights.
  public init(
    backbone: any FeatureExtractor, classCount: Int, embeddingSize: Int = 128,
    dropout: Float = 0.5, random: RandomSource, using generator: inout PhiloxGenerator
  ) {
    self.dropout = ChannelDropout(rate: dropout, random: random)
    classifier = Convolution2d(
      inChannels: backbone.channels, outChannels: classCount + 1, kernelSize: 1, using: &generator)
    pcm = PCM(backbone: backbone, using: &generator)
    super.init(
      backbone: backbone, channels: backbone.channels, embeddingSize: embeddingSize,
      random: random, using: &generator)
  }

  /// Everything the losses need, of images `[N, H, W, 3]`.
  public func callAsFunction(_ image: Variable) -> Output {
    let stages = backbone.stages(image)
    let features = dropout(stages[stages.count - 1])
    let maps = classifier(features)
    let refined = pcm(
      Variable(PCM.normalized(maps.value)), image: image,
      shallow: stages[backbone.affinityStages[0]], deep: stages[backbone.affinityStages[1]])
    return Output(maps: maps, refined: refined, embeddings: embeddings(of: features))
  }

  /// The scores of background and classes alone, `Output.maps`, for inference.
  ///
  /// - Parameter image: `[N, H, W, 3]`.
  /// - Returns: `[N, H, W, classes + 1]`.
  public func maps(_ image: Variable) -> Variable { classifier(dropout(backbone(image))) }
}
