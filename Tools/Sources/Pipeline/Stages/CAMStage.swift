internal import Autograd
internal import Backbone
internal import Datasets
internal import Foundation
internal import Tensor

/// The constants of `cam`.
public struct CAMSettings: Settings {
  /// The scales that are summed.
  public var views = ViewSettings()
  /// The power of the features' norms that maps are multiplied with, before they are spread; 0: they
  /// are not.
  public var normPower = 0.0
  /// The power of the cosines by which maps are spread to pixels with like features; 0: they are not.
  public var affinityPower = 0.0
  /// Whether maps of the validation pictures are made too, for scores alone.
  public var validation = false
  /// A folder of maps made elsewhere, a file a picture, as `MapFile` reads them; empty: ours.
  public var importing = ""

  /// Creates the method's values.
  public init() {}

  /// States what the values must fulfil.
  public func check(_ rules: inout SettingRules) {
    rules.inside("views", views)
    rules.require((0...4).contains(normPower), "normPower", normPower, expected: "0...4")
    rules.requireNotNegative("affinityPower", affinityPower)
    rules.require(
      !validation || importing.isEmpty, "validation", validation,
      expected: "false where maps are imported")
  }
}

/// Class activation maps of the training pictures for the classes they are labelled with (method,
/// section 3): over scales and mirror images summed, each divided by its maximum.
///
/// Reads `classify/model.safetensors`; writes `<id>.npz`, and `validation/<id>.npz` on request.
struct CAMStage: Stage {
  let recipe: Recipe
  let name = StageName.cam
  var inputs: [StageName] { recipe.cam.importing.isEmpty ? [.classify] : [] }
  var data: [DataPart] { [.train] + (recipe.cam.validation ? [.validation] : []) }
  var settings: [String: any Settings] { ["network": recipe.network, "cam": recipe.cam] }
  var files: [String: String] {
    recipe.cam.importing.isEmpty ? [:] : ["cam.importing": recipe.cam.importing]
  }

  func run(_ context: StageContext) throws -> [String: Double] {
    let source = try context.data.train()
    if !recipe.cam.importing.isEmpty {
      return try importMaps(recipe.cam.importing, source, context)
    }
    let random = RandomSource(context.generator("dropout"))
    let model = try CAMClassifier.make(
      recipe, classCount: source.classes.count, backbone: context.makeBackbone(random), context)
    try context.load(model, from: .classify)
    let (views, normalization) = (recipe.cam.views, context.normalization)
    let normPower = Float(recipe.cam.normPower)
    let affinityPower = recipe.cam.affinityPower > 0 ? Float(recipe.cam.affinityPower) : nil
    for list in try MapList.all(context, withValidation: recipe.cam.validation) {
      try context.forEachMissing(
        list.source.records, suffix: ".npz", folder: list.folder,
        load: { PictureViews(try list.source.image(of: $0), views, normalization) },
        finish: { record, views in
          let maps = views.mean(channels: record.labels.map { $0 - 1 }) {
            model.activationMaps($0, normPower: normPower, affinityPower: affinityPower)
          }
          try MapFile(classes: record.labels, maps: maps.dividedByMaxima())
            .write(to: context.output(list.folder + fileName(record.id, ".npz")))
        })
    }
    return [:]
  }

  private func importMaps(
    _ folder: String, _ source: any ImageSource, _ context: StageContext
  ) throws -> [String: Double] {
    try context.forEachMissing(
      source.records, suffix: ".npz",
      load: { record in
        let paths = [".npz", ".npy"].map { folder + "/" + fileName(record.id, $0) }
        guard let path = paths.first(where: FileManager.default.fileExists) else {
          throw PipelineError(.data, "cam.importing: no \(paths[0]) and no .npy for '\(record.id)'")
        }
        let file = try MapFile(contentsOf: path)
        guard Set(file.classes).isSubset(of: record.labels) else {
          throw PipelineError(
            .data,
            "\(path): maps of the classes \(file.classes), the picture is labelled with "
              + "\(record.labels)")
        }
        let image = try source.image(of: record)
        return MapFile(
          classes: file.classes,
          maps: file.maps.mapsResized(height: image.height, width: image.width)
            .dividedByMaxima())
      },
      finish: { try $1.write(to: context.output(fileName($0.id, ".npz"))) })
    return [:]
  }
}
