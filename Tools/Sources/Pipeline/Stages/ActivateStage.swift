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
  /// Whether each class's map is divided by its maximum, as PPC's always are.
  public var normalizes = false

  /// Creates the method's values.
  public init() {}

  /// States what the values must fulfil.
  public func check(_ rules: inout SettingRules) { rules.inside("views", views) }
}

/// Maps of the network that `fbr` trained: of AMN the softmax, over background and the classes a
/// picture is labelled with, of the mean logits of all views (method, section 8); of PPC the mean
/// softmax, each class's map divided by its maximum.
///
/// Reads `fbr/model.safetensors`; writes `<id>.npz`, and `validation/<id>.npz` on request.
struct ActivateStage: Stage {
  let recipe: Recipe
  let name = StageName.activate
  let inputs = [StageName.fbr]
  // Of PPC the scores themselves were taken once, whose size says little of where objects end.
  var codeVersion: Int { recipe.fbr.host == .ppc ? 3 : 2 }
  var data: [DataPart] { [.train] + (recipe.activate.validation ? [.validation] : []) }
  var settings: [String: any Settings] { ["network": recipe.network, "activate": recipe.activate] }

  func run(_ context: StageContext) throws -> [String: Double] {
    let source = try context.data.train()
    let random = RandomSource(context.generator("dropout"))
    let host = try recipe.fbr.host.make(
      recipe, classCount: source.classes.count, random: random, context)
    try context.load(host.network, from: .fbr)
    let (views, normalization) = (recipe.activate.views, context.normalization)
    let normalizes = recipe.activate.normalizes
    for list in try MapList.all(context, withValidation: recipe.activate.validation) {
      try context.forEachMissing(
        list.source.records, suffix: ".npz", folder: list.folder,
        load: { PictureViews(try list.source.image(of: $0), views, normalization) },
        finish: { record, views in
          let maps = host.maps(views, labels: record.labels)
          try MapFile(
            classes: record.labels, maps: normalizes ? maps.dividedByMaxima() : maps
          ).write(to: context.output(list.folder + fileName(record.id, ".npz")))
        })
    }
    return [:]
  }
}
