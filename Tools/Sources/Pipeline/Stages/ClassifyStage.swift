internal import Autograd
internal import Backbone
internal import Datasets
internal import Metrics
internal import Tensor

/// The constants of `classify`.
public struct ClassifySettings: Settings {
  /// Batches, optimiser, schedule.
  public var training = TrainingSettings()
  /// How pictures vary.
  public var augmentation = {
    var it = AugmentationSettings()
    it.longSide = [320, 640]
    return it
  }()
  /// How a map becomes a score: the mean over all pixels, or over those above `theta` of the
  /// maximum.
  public var pooling = Pooling.average
  /// The share of the maximum for `thresholded`.
  public var theta = 0.1

  /// How a map becomes a score.
  public enum Pooling: String, Codable, Sendable, CaseIterable {
    /// The mean over all pixels.
    case average
    /// The mean over pixels above a share of the maximum.
    case thresholded
  }

  /// Creates the method's values.
  public init() {}

  /// States what the values must fulfil.
  public func check(_ rules: inout SettingRules) {
    rules.inside("training", training)
    rules.inside("augmentation", augmentation)
    rules.requireShare("theta", theta)
  }
}

/// Trains a multi-label classifier whose last layer is a map for each class (method, section 3).
///
/// Reads pictures and image-level labels; writes `model.safetensors`.
struct ClassifyStage: Stage {
  let recipe: Recipe
  let name = StageName.classify
  var data: [DataPart] { [.train] }
  var settings: [String: any Settings] {
    ["network": recipe.network, "classify": recipe.classify]
  }
  var files: [String: String] { recipe.network.files(.network) }

  func run(_ context: StageContext) throws -> [String: Double] {
    let source = try context.data.train()
    let random = RandomSource(context.generator("dropout"))
    let model = try CAMClassifier.make(
      recipe, classCount: source.classes.count,
      backbone: context.makeBackbone(random, .network), context)
    let trainer = Trainer(
      context, recipe.classify.training, model: model, random: random,
      itemCount: source.records.count)
    let normalization = context.normalization
    let transform = recipe.classify.augmentation.transform(fill: normalization.meanColor)
    let figures = try trainer.train(
      makeLoader: { options in
        try Loader(
          source.records, classCount: source.classes.count, transform: transform,
          normalization: normalization, options: options
        ) { try Sample($0, from: source) }
      },
      losses: { batch, _ in
        Losses(
          total: model(Variable(batch.images)).logits.multiLabelSoftMarginLoss(batch.imageLabels))
      }, ids: \.ids)
    try context.save(model)
    return figures
  }
}

extension CAMClassifier {
  /// The recipe's classifier on a backbone.
  static func make(
    _ recipe: Recipe, classCount: Int, backbone: any FeatureExtractor, _ context: StageContext
  ) -> CAMClassifier {
    var generator = context.generator("classifier")
    return CAMClassifier(
      backbone: backbone, classCount: classCount,
      pooling: recipe.classify.pooling == .average
        ? .average : .thresholded(theta: Float(recipe.classify.theta)),
      using: &generator)
  }
}
