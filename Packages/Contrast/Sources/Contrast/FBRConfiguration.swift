internal import Tensor

/// The constants of the FBR losses; the defaults are the paper's for the AMN route.
public struct FBRConfiguration: Sendable, Hashable, Codable {
  /// What foreground queries are pushed away from.
  public enum Background: String, Sendable, Hashable, Codable, CaseIterable {
    /// Rows of a memory bank of negative regions of interest: the method.
    case regions = "nroi"
    /// Background pixels of the batch, drawn uniformly: the brute-force ablation.
    case pixels
    /// The mean background embedding of the batch as the only negative: an ablation.
    case prototype
    /// Nothing: the loss is 0.
    case none
  }

  /// The share of a region that is sure by its score, 0...1.
  public var sureShare: Double = 0.6
  /// Normalised scores not above it do not count for that quantile.
  public var scoreFloor: Float = 0.05
  /// The share of an image that is sure by its entropy, 0...1.
  public var entropyQuantile: Double = 0.25
  /// A prototype takes the top `H * W / prototypeDivisor` pixels of its class.
  public var prototypeDivisor: Int = 32
  /// Negatives a query.
  public var negatives: Int = 256
  /// tau of both contrasts and of the class draw.
  public var temperature: Float = 0.5
  /// One draw a query or a class.
  public var sampling: Sampling = .perQuery
  /// What foreground queries are pushed away from.
  public var background: Background = .regions
  /// lambda_IF, the weight of the contrast between foreground classes.
  public var intraForegroundWeight: Float = 0.1
  /// lambda_FB, the weight of the contrast with the background.
  public var foregroundBackgroundWeight: Float = 0.05
  /// The weight of the cosine separation.
  public var separationWeight: Float = 0.1
  /// The weight of `BackgroundSegmentation.loss`, for the caller to apply: `FBRLoss` knows no head
  /// that classifies background, and leaves that loss out.
  public var segmentationWeight: Float = 0.1
  /// Repeats two defects of the public reference code, for comparison: both contrasts without a
  /// gradient, and the background contrast's cosine over the keys. That code also passes its weight
  /// decay as momentum, which is the optimiser's to repeat.
  public var reference: Bool = false

  /// The AMN route: ResNet-50, image labels only.
  public static let amn = FBRConfiguration()

  /// The PPC/EPS route: ResNet-38 with saliency maps.
  public static let ppc: FBRConfiguration = {
    var it = FBRConfiguration()
    it.sureShare = 0.4
    it.entropyQuantile = 0.1
    it.prototypeDivisor = 16
    it.intraForegroundWeight = 0.10
    it.foregroundBackgroundWeight = 0.01
    return it
  }()

  /// Creates the defaults.
  public init() {}
}
