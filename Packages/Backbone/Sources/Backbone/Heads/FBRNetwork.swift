public import Autograd
internal import Tensor

/// What FBR's losses contrast.
public struct FBREmbeddings {
  /// Embeddings for the foreground, `relu(phi_fg(x))`: `[N, H, W, D]`.
  public let foreground: Variable
  /// Embeddings for the background, `relu(phi_bg(x))`: `[N, H, W, D]`.
  public let background: Variable
  /// Scores of the auxiliary background segmentation, before the logistic function: `[N, H, W, 1]`.
  public let backgroundLogits: Variable

  /// All three at another size, bilinear.
  public func resized(height: Int, width: Int) -> FBREmbeddings {
    FBREmbeddings(
      foreground: foreground.resized(height: height, width: width),
      background: background.resized(height: height, width: width),
      backgroundLogits: backgroundLogits.resized(height: height, width: width))
  }
}

/// A host network with FBR's three heads on its features (arXiv 2406.15755, section III).
///
/// Two separate projections, `phi_fg` and `phi_bg`, keep foreground and background in spaces of
/// their own; `phi_bg` and what lies behind it train themselves alone, no gradient of theirs reaches
/// the features. Hosts are `AMN` and `PPC`.
public class FBRNetwork: Module {
  /// The features.
  public let backbone: any FeatureExtractor
  private let phiFG: Convolution2d
  private let phiBG: Convolution2d
  private let phiSeg: Sequential

  /// Draws the heads' weights; `channels` are those of what the heads see.
  init(
    backbone: any FeatureExtractor, channels: Int, embeddingSize: Int, random: RandomSource,
    using generator: inout PhiloxGenerator
  ) {
    self.backbone = backbone
    func projection() -> Convolution2d {
      let made = Convolution2d(
        inChannels: channels, outChannels: embeddingSize, kernelSize: 1, using: &generator)
      made.weight.assign(.xavierUniform(made.weight.shape, using: &generator))
      return made
    }
    (phiFG, phiBG) = (projection(), projection())
    phiSeg = Sequential(
      BatchNorm2d(channels: embeddingSize), Activation(.relu), Dropout(rate: 0.5, random: random),
      Convolution2d(
        inChannels: embeddingSize, outChannels: 1, kernelSize: 1, bias: true, using: &generator))
  }

  /// What the heads make of features `[N, H, W, channels]`.
  func embeddings(of features: Variable) -> FBREmbeddings {
    let background = phiBG(features.cut())
    return FBREmbeddings(
      foreground: phiFG(features, norm: nil, activation: .relu),
      background: background.activated(.relu), backgroundLogits: phiSeg(background))
  }
}
