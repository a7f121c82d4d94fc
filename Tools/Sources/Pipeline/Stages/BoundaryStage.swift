internal import Autograd
internal import Backbone
internal import Datasets
internal import Foundation
internal import Tensor

/// The constants of `boundary`.
public struct BoundarySettings: Settings {
  /// What is learned about pairs of pixels.
  public enum Method: String, Codable, Sendable, CaseIterable {
    /// Boundaries between them, and displacements.
    case irn
    /// Features that lie close together within a class.
    case psa
  }

  /// What is learned about pairs of pixels.
  public var method = Method.irn
  /// Batches, optimiser, schedule. For IRN `learningRate` is the boundary's and `headLearningRate`
  /// the displacement's; for PSA the backbone's and the new layers'.
  public var training = {
    var it = TrainingSettings()
    (it.epochs, it.batchSize, it.learningRate, it.headLearningRate) = (3, 32, 0.1, 1)
    return it
  }()
  /// How pictures vary.
  public var augmentation = {
    var it = AugmentationSettings()
    it.scale = [0.5, 1.5]
    return it
  }()
  /// Where the backbone's weights come from.
  public var initial = InitialWeights.network
  /// The largest distance of a pair; 10 for IRN, 5 for PSA.
  public var radius = 10

  /// Creates the method's values.
  public init() {}

  /// States what the values must fulfil.
  public func check(_ rules: inout SettingRules) {
    rules.inside("training", training)
    rules.inside("augmentation", augmentation)
    rules.require((2...32).contains(radius), "radius", radius, expected: "2...32")
  }
}

/// Trains the affinities between pixels on the seeds (method, section 5): IRN's boundaries and
/// displacements over a backbone that does not train, or PSA's features.
///
/// Reads pictures and `relabel/<id>.png`; writes `model.safetensors`.
struct BoundaryStage: Stage {
  let recipe: Recipe
  let name = StageName.boundary
  let codeVersion = 2
  var inputs: [StageName] { [.relabel] + (recipe.boundary.initial.stage.map { [$0] } ?? []) }
  var data: [DataPart] { [.train] }
  var settings: [String: any Settings] { ["network": recipe.network, "boundary": recipe.boundary] }
  var files: [String: String] { recipe.network.files(recipe.boundary.initial) }

  func run(_ context: StageContext) throws -> [String: Double] {
    let source = try context.data.train()
    let random = RandomSource(context.generator("dropout"))
    let backbone = try context.makeBackbone(random, recipe.boundary.initial)
    let network = AffinityNetwork(recipe.boundary.method, backbone: backbone, context)
    let trainer = Trainer(
      context, recipe.boundary.training, model: network.trained, slow: network.slowNames,
      random: random, itemCount: source.records.count)
    let normalization = context.normalization
    let transform = recipe.boundary.augmentation.transform(fill: normalization.meanColor)
    let seeds = context.folder.folder(of: .relabel)
    let pairs = PixelPairs(radius: recipe.boundary.radius)
    let figures = try trainer.train(
      makeLoader: { options in
        try Loader(
          source.records, classCount: source.classes.count, transform: transform,
          normalization: normalization, options: options
        ) { record in
          try Sample(
            id: record.id, image: source.image(of: record), labels: record.labels,
            mask: LabelMap(contentsOf: "\(seeds)/\(fileName(record.id, ".png"))"))
        }
      },
      losses: { batch, _ in
        guard let seeds = batch.masks else {
          throw PipelineError(.data, "boundary: pictures without seeds")
        }
        return network.losses(Variable(batch.images), seeds: seeds, pairs: pairs)
      }, ids: \.ids)
    try network.findMeanShift(source, normalization, context)
    try context.save(network)
    return figures
  }
}
