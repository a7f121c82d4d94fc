internal import Autograd
internal import Backbone
internal import Datasets
internal import Foundation
internal import Tensor

/// The constants of `segment`.
public struct SegmentSettings: Settings {
  /// Batches, optimiser, schedule.
  public var training = {
    var it = TrainingSettings()
    (it.steps, it.batchSize, it.learningRate, it.headLearningRate) = (30_000, 10, 2.5e-4, 2.5e-3)
    (it.weightDecay, it.checkpointSteps) = (5e-4, 200)
    return it
  }()
  /// How pictures vary.
  public var augmentation = {
    var it = AugmentationSettings()
    (it.scale, it.crop) = ([0.5, 1.5], 321)
    return it
  }()
  /// The head, as `SegmentationHeadName` has it.
  public var head = SegmentationHeadName.deepLabV2.rawValue
  /// The backbone. What a recipe leaves out of it is the recipe's `network`; the method's masks come from
  /// ResNet-50 or ResNet-38, its segmentation is ResNet-101's.
  public var network = NetworkSettings()
  /// Where the backbone's weights come from.
  public var initial = InitialWeights.network
  /// Whether the masks of the training list are learned instead of pseudo masks: for comparison
  /// only, as it uses ground truth.
  public var fullySupervised = false

  /// Creates the method's values.
  public init() {}

  /// States what the values must fulfil.
  public func check(_ rules: inout SettingRules) {
    rules.inside("training", training)
    rules.inside("augmentation", augmentation)
    rules.require(
      SegmentationHeadName(rawValue: head) != nil, "head", "'\(head)'",
      expected: "one of " + SegmentationHeadName.allCases.map(\.rawValue).joined(separator: ", "))
    rules.require(
      !fullySupervised || initial != .fbr, "initial", initial.rawValue,
      expected: "network or classify where fullySupervised")
  }
}

/// Trains the segmentation network on the pseudo masks of the training pictures (method, section 6).
///
/// Reads pictures and `propagate/<id>.png`; writes `model.safetensors`.
struct SegmentStage: Stage {
  let recipe: Recipe
  let name = StageName.segment
  let codeVersion = 2
  var inputs: [StageName] {
    (recipe.segment.fullySupervised ? [] : [.propagate])
      + (recipe.segment.initial.stage.map { [$0] } ?? [])
  }
  var data: [DataPart] { recipe.segment.fullySupervised ? [.train, .trainMasks] : [.train] }
  var settings: [String: any Settings] { ["segment": recipe.segment] }
  var files: [String: String] {
    recipe.segment.network.files(recipe.segment.initial, key: "segment.network")
  }

  func run(_ context: StageContext) throws -> [String: Double] {
    let source = try context.data.train()
    let settings = recipe.segment
    let random = RandomSource(context.generator("dropout"))
    let backbone = try context.makeBackbone(random, settings.initial)
    var generator = context.generator("head")
    let model = try SegmentationNetwork(
      backbone: backbone,
      head: SegmentationHeadName(named: settings.head).makeHead(
        for: backbone, classCount: source.classes.count + 1, random: random, using: &generator))
    let isSupervised = settings.fullySupervised
    if isSupervised {
      context.warn("learns the masks of the training list: uses ground truth")
    }
    let masks = context.folder.folder(of: .propagate)
    let normalization = context.normalization
    let transform = settings.augmentation.transform(fill: normalization.meanColor)
    let trainer = Trainer(
      context, settings.training, model: model, random: random, itemCount: source.records.count)
    let figures = try trainer.train(
      makeLoader: { options in
        try Loader(
          source.records, classCount: source.classes.count, transform: transform,
          normalization: normalization, options: options
        ) { record in
          if isSupervised {
            guard record.maskPath != nil else {
              throw PipelineError(.data, "segment: '\(record.id)' has no mask to learn from")
            }
            return try Sample(record, from: source, withMask: true)
          }
          return try Sample(
            id: record.id, image: source.image(of: record), labels: record.labels,
            mask: LabelMap(contentsOf: "\(masks)/\(fileName(record.id, ".png"))"))
        }
      },
      losses: { batch, _ in
        guard let masks = batch.masks else {
          throw PipelineError(.data, "segment: pictures without masks")
        }
        return Losses(total: model.fullSizeLogits(Variable(batch.images)).crossEntropy(masks))
      }, ids: \.ids)
    try model.saveWeights(
      to: context.output(Model.file),
      metadata: SegmentationModel.metadata(
        network: context.network, head: settings.head, classes: source.classes,
        isFullySupervised: isSupervised))
    return figures
  }
}
