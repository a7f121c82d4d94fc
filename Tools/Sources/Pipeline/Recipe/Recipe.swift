/// Everything that a run is made with: data, network and the constants of every stage.
///
/// In a file it is YAML with the sections below; what a file leaves out has the values here.
public struct Recipe: Settings {
  /// The source of every random choice.
  public var randomSeed = 1
  /// Pictures and labels.
  public var data = DataSettings()
  /// The backbone of all stages; `segment.network` can be another.
  public var network = NetworkSettings()
  /// Training of the multi-label classifier.
  public var classify = ClassifySettings()
  /// Class activation maps.
  public var cam = CAMSettings()
  /// Seeds from the activation maps.
  public var seed = SeedSettings()
  /// Training of AMN with the FBR losses.
  public var fbr = FBRSettings()
  /// Maps of the network that `fbr` trained.
  public var activate = ActivateSettings()
  /// Seeds from those maps.
  public var relabel = SeedSettings.relabel
  /// Training of the affinities between pixels.
  public var boundary = BoundarySettings()
  /// Pseudo masks by a random walk over the affinities.
  public var propagate = PropagateSettings()
  /// Training of the segmentation network.
  public var segment = SegmentSettings()
  /// Predictions for the validation list.
  public var predict = PredictSettings()
  /// Scores against ground truth.
  public var evaluate = EvaluateSettings()
  /// The page about the run.
  public var report = ReportSettings()

  /// Creates the method's recipe.
  public init() {}

  /// States what the values must fulfil.
  public func check(_ rules: inout SettingRules) {
    rules.requireSeed("randomSeed", randomSeed)
    rules.inside("data", data)
    rules.inside("network", network)
    rules.inside("classify", classify)
    rules.inside("cam", cam)
    rules.inside("seed", seed)
    rules.inside("fbr", fbr)
    rules.require(
      fbr.host != .ppc || !data.saliency.isEmpty, "data.saliency", "empty",
      expected: "the folder of saliency maps that fbr.host ppc learns from")
    rules.inside("activate", activate)
    rules.inside("relabel", relabel)
    rules.inside("boundary", boundary)
    rules.inside("propagate", propagate)
    rules.inside("segment", segment)
    if segment.network != network { rules.inside("segment.network", segment.network) }
    rules.require(
      segment.initial == .network || segment.network.name == network.name, "segment.initial",
      segment.initial.rawValue,
      expected:
        "network, as segment.network is \(segment.network.name) and network \(network.name)")
    rules.inside("predict", predict)
    rules.inside("evaluate", evaluate)
    rules.inside("report", report)
  }
}
