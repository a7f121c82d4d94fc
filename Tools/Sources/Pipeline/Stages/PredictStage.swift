internal import CRFRefine
public import Datasets
internal import Foundation
public import Tensor

/// The constants of `predict`.
public struct PredictSettings: Settings {
  /// The scales whose logits are averaged.
  public var views = {
    var it = ViewSettings()
    it.scales = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2]
    return it
  }()
  /// The side from which a picture is cut into overlapping windows.
  public var window = 1536
  /// Whether a dense CRF (preset `deeplab`) refines the result.
  public var crf = true

  /// Creates the method's values.
  public init() {}

  /// States what the values must fulfil.
  public func check(_ rules: inout SettingRules) {
    rules.inside("views", views)
    rules.require(window >= 32, "window", window, expected: "32 or more")
  }
}

/// Predicts masks for the validation pictures (method, section 6).
///
/// Reads `segment/model.safetensors` and pictures; writes `<id>.png`.
struct PredictStage: Stage {
  let recipe: Recipe
  let name = StageName.predict
  let codeVersion = 2
  let inputs = [StageName.segment]
  var data: [DataPart] { [.validation] }
  var settings: [String: any Settings] { ["predict": recipe.predict] }

  func run(_ context: StageContext) throws -> [String: Double] {
    guard context.data.hasValidation else {
      context.console.say("predict: the recipe has no validation list; nothing to do")
      return [:]
    }
    let source = try context.data.validation()
    let model = try SegmentationModel(contentsOf: context.input(.segment, Model.file))
    let (settings, normalization) = (recipe.predict, model.normalization)
    try context.forEachMissing(
      source.records, suffix: ".png",
      load: { PreparedPicture(try source.image(of: $0), settings, normalization) },
      finish: { record, picture in
        try model.labels(picture, settings)
          .writePNG(to: context.output(fileName(record.id, ".png")))
      })
    return [:]
  }
}

extension SegmentationModel {
  /// The class of each pixel: 0 background, 1...C.
  ///
  /// - Parameters:
  ///   - image: A picture of any size.
  ///   - settings: Scales, mirror images, window, CRF.
  /// - Returns: `[H, W]`.
  /// - Throws: `CRFRefineError`, which finite weights never cause.
  public func labels(_ image: Image, _ settings: PredictSettings) throws -> LabelMap {
    try labels(PreparedPicture(image, settings, normalization), settings)
  }

  /// The class of each pixel of a picture made ready with the same settings: `[H, W]`.
  ///
  /// - Throws: `CRFRefineError`, which finite weights never cause.
  public func labels(
    _ picture: PreparedPicture, _ settings: PredictSettings
  ) throws -> LabelMap { try prediction(picture, settings).labels }

  /// The class of each pixel, and the probabilities it was chosen by, after the CRF if there is one.
  ///
  /// - Parameters:
  ///   - picture: A picture made ready with the same settings.
  ///   - settings: Scales, mirror images, window, CRF.
  /// - Returns: Labels `[H, W]`; probabilities `[H, W, C + 1]`, background first.
  /// - Throws: `CRFRefineError`, which finite weights never cause.
  public func prediction(
    _ picture: PreparedPicture, _ settings: PredictSettings
  ) throws -> (labels: LabelMap, probabilities: Tensor) {
    var scores = probabilities(picture)
    if settings.crf {
      let (image, preset) = (picture.image, CRFPreset.deeplab)
      let crf = try DenseCRF(
        image: image.pixels, height: image.height, width: image.width, preset: preset)
      scores = try crf.infer(Unary(probabilities: scores), iterations: preset.iterations)
    }
    return (scores.labels, scores)
  }
}

extension Tensor {
  /// The channel with the largest score of each pixel of `[H, W, C]`; the lower one of equals.
  var labels: LabelMap {
    LabelMap(argmax(2).indices.map { UInt8($0) }, shape: [shape[0], shape[1]])
  }
}
