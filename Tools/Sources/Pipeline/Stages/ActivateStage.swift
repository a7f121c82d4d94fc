internal import Autograd
internal import Backbone
internal import Datasets
internal import Foundation
internal import Tensor

/// The constants of `activate`.
public struct ActivateSettings: Settings {
  /// The scales whose logits are averaged.
  public var views = ViewSettings()
  /// Whether maps of the validation pictures are made too, for scores alone.
  public var validation = false
  /// Whether each class's map is divided by its maximum.
  public var normalizes = false

  /// Creates the method's values.
  public init() {}

  /// States what the values must fulfil.
  public func check(_ rules: inout SettingRules) { rules.inside("views", views) }
}

/// Maps of the network that `fbr` trained: the softmax, over background and the classes a picture
/// is labelled with, of the mean logits of all views (method, section 8).
///
/// Reads `fbr/model.safetensors`; writes `<id>.npz`, and `validation/<id>.npz` on request.
struct ActivateStage: Stage {
  let recipe: Recipe
  let name = StageName.activate
  let inputs = [StageName.fbr]
  let codeVersion = 2
  var data: [DataPart] { [.train] + (recipe.activate.validation ? [.validation] : []) }
  var settings: [String: any Settings] { ["network": recipe.network, "activate": recipe.activate] }

  func run(_ context: StageContext) throws -> [String: Double] {
    let source = try context.data.train()
    let random = RandomSource(context.generator("dropout"))
    let model = try AMN.make(recipe, classCount: source.classes.count, random: random, context)
    try context.load(model, from: .fbr)
    let (views, normalization) = (recipe.activate.views, context.normalization)
    let cells = CellGrid(stride: model.backbone.outputStride)
    let normalizes = recipe.activate.normalizes
    for list in try MapList.all(context, withValidation: recipe.activate.validation) {
      try context.forEachMissing(
        list.source.records, suffix: ".npz", folder: list.folder,
        load: { PictureViews(try list.source.image(of: $0), views, normalization) },
        finish: { record, views in
          let labels = Tensor.imageLabels(record.labels, classCount: source.classes.count)
          let scores = views.mean(cells, channels: [0] + record.labels) {
            model.logits($0, labels: Variable(labels))
          }.softmax()
          let maps = scores.sliced(1..<record.labels.count + 1, axis: 2)
          try MapFile(
            classes: record.labels, maps: normalizes ? maps.dividedByMaxima() : maps
          ).write(to: context.output(list.folder + fileName(record.id, ".npz")))
        })
    }
    return [:]
  }
}

extension Tensor {
  /// 1 for the classes in one picture, else 0: `[1, C]`.
  static func imageLabels(_ labels: [Int], classCount: Int) -> Tensor {
    var flags = [Float](repeating: 0, count: classCount)
    for label in labels { flags[label - 1] = 1 }
    return Tensor(flags, shape: [1, classCount])
  }
}
