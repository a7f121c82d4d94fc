internal import Autograd
public import Backbone
public import Contrast
internal import Datasets
internal import NROI
internal import Tensor

/// The constants of `fbr`.
public struct FBRSettings: Settings {
  /// Added to the recipe's `randomSeed` in this stage, to repeat it alone with other draws.
  public var randomSeed = 0
  /// Batches, optimiser, schedule.
  public var training = {
    var it = TrainingSettings()
    (it.optimizer, it.learningRate, it.headLearningRate) = (.adam, 5e-6, 1e-4)
    return it
  }()
  /// How pictures vary.
  public var augmentation = {
    var it = AugmentationSettings()
    it.scale = [0.5, 1.5]
    return it
  }()
  /// The network that the FBR losses are added to: `amn`, which learns the classifier's seeds, or
  /// `ppc`, which learns saliency maps and needs `data.saliency`.
  public var host = FBRHostKind.amn
  /// The constants of the host `ppc`.
  public var ppc = PPCSettings()
  /// Where the backbone's weights come from.
  public var initial = InitialWeights.classify
  /// What makes scores of AMN's features: `aspp`, as published; `pointwise`, which takes in
  /// less of what is around small objects where maps are small; or `hierarchical`, which sees
  /// earlier stages too and keeps closer to objects.
  public var classifier = AMN.Classifier.aspp
  /// The share of a pixel's target that goes to the other classes, in AMN's loss.
  public var smoothing = 0.4
  /// How far the classes of a batch weigh alike in AMN's loss, 0...1: a pixel of a class with
  /// n pixels weighs n^-classBalance. 0 is as published: frequent classes win where two touch.
  public var classBalance = 0.0
  /// Whether the FBR losses are added to the host's.
  public var contrast = true
  /// Whether the FBR losses compare AMN's features as the picture's labels scale them, as published,
  /// or as they are. The scaling tells pictures of unlike labels apart, whatever a pixel shows.
  public var conditioned = true
  /// Whether the FBR losses leave out the pixels whose label AMN's seeds do not share: more of what
  /// the contrasts pull to a class then is that class. Published without.
  public var agreement = false
  /// The constants of the FBR losses.
  public var loss = FBRConfiguration.amn
  /// Whether foreground and background have a projection each, as in the method, or share one.
  public var heads = Heads.dual
  /// How background embeddings are summed up.
  public var clustering = ClusteringKind.kmeans
  /// Centroids an image, K.
  public var clusters = 8
  /// Rows of the memory bank.
  public var bank = 100_000
  /// The size of an embedding, D.
  public var embedding = 128
  /// Where the sum of the CAMs is below this, the target of the background segmentation is 1.
  public var backgroundThreshold = 0.05

  /// How many projections there are.
  public enum Heads: String, Codable, Sendable, CaseIterable {
    /// One for the foreground, one for the background.
    case dual
    /// One for both.
    case single
  }

  /// Creates the method's values.
  public init() {}

  /// States what the values must fulfil.
  public func check(_ rules: inout SettingRules) {
    rules.requireSeed("randomSeed", randomSeed)
    rules.inside("training", training)
    rules.inside("augmentation", augmentation)
    rules.inside("ppc", ppc)
    rules.requireShare("smoothing", smoothing)
    rules.requireShare("classBalance", classBalance)
    rules.requirePositive("clusters", clusters)
    rules.require((1...10_000_000).contains(bank), "bank", bank, expected: "1...10000000")
    rules.require((1...4096).contains(embedding), "embedding", embedding, expected: "1...4096")
    rules.requireNotNegative("backgroundThreshold", backgroundThreshold)
    rules.requireShare("loss.sureShare", loss.sureShare)
    rules.requireShare("loss.entropyQuantile", loss.entropyQuantile)
    rules.requirePositive("loss.negatives", loss.negatives)
    rules.requirePositive("loss.prototypeDivisor", loss.prototypeDivisor)
    // Below, exponents of cosines leave what a Float holds.
    rules.require(
      loss.temperature >= 1e-3 && loss.temperature.isFinite, "loss.temperature", loss.temperature,
      expected: "0.001 or more")
    for (key, weight) in [
      ("intraForegroundWeight", loss.intraForegroundWeight),
      ("foregroundBackgroundWeight", loss.foregroundBackgroundWeight),
      ("separationWeight", loss.separationWeight), ("segmentationWeight", loss.segmentationWeight),
    ] { rules.requireNotNegative("loss.\(key)", Double(weight)) }
  }
}

/// Trains the host network with the FBR losses (method, section 4): AMN on the seeds, or PPC on
/// saliency maps.
///
/// Reads pictures and image-level labels, the backbone's weights, and for AMN `seed/<id>.png` and
/// `cam/<id>.npz`, for PPC saliency maps; writes `model.safetensors` and, for the report,
/// `bank.safetensors`, the whole view's.
struct FBRStage: Stage {
  let recipe: Recipe
  let name = StageName.fbr
  var codeVersion: Int { recipe.fbr.host == .ppc ? 3 : 2 }
  var inputs: [StageName] {
    recipe.fbr.host.inputs + (recipe.fbr.initial.stage.map { [$0] } ?? [])
  }
  var data: [DataPart] { recipe.fbr.host.data }
  var settings: [String: any Settings] { ["network": recipe.network, "fbr": recipe.fbr] }
  var unread: [String] { recipe.fbr.host.unread.map { "fbr.\($0)" } }
  var files: [String: String] { recipe.network.files(recipe.fbr.initial) }

  func run(_ context: StageContext) throws -> [String: Double] {
    let source = try context.data.train()
    let random = RandomSource(context.generator("dropout"))
    let host = try recipe.fbr.host.make(
      recipe, classCount: source.classes.count, initial: recipe.fbr.initial, random: random,
      context)
    let trainer = Trainer(
      context, recipe.fbr.training, model: host.network, random: random,
      itemCount: source.records.count)
    trainer.extras = { host.state }
    trainer.restoreExtras = { try host.restore($0) }
    let normalization = context.normalization
    let transform = recipe.fbr.augmentation.transform(fill: normalization.meanColor)
    let read = recipe.fbr.host.reader(source, in: context.folder)
    let figures = try trainer.train(
      makeLoader: { options in
        try Loader(
          source.records, classCount: source.classes.count, transform: transform,
          normalization: normalization, options: options, sample: read)
      },
      losses: { try host.losses($0, step: $1) }, ids: \.ids)
    try context.save(host.network)
    try host.fbr[0].save(to: context.output("bank.safetensors"))
    return figures
  }
}
