internal import CRFRefine
internal import Datasets
internal import Foundation
internal import Tensor

/// The constants of `seed` and of `relabel`.
public struct SeedSettings: Settings {
  /// Where background comes from.
  public enum Rule: String, Codable, Sendable, CaseIterable {
    /// Two constant scores, for IRN.
    case thresholds
    /// Two scores of each picture that its own scores give; no ground truth.
    case automatic
    /// `(1 - max)^exponent`, for PSA.
    case exponents
  }

  /// Where background comes from.
  public var rule = Rule.thresholds
  /// The background's score that sure foreground exceeds.
  public var foregroundThreshold = 0.30
  /// The background's score that sure background stays below.
  public var backgroundThreshold = 0.05
  /// The exponent that makes much background: what stays foreground is sure.
  public var foregroundExponent = 4.0
  /// The exponent that makes little background: what is background all the same is sure.
  public var backgroundExponent = 8.0
  /// Whether the dense CRF refines both label maps.
  public var crf = true

  /// Creates the method's values for `seed`.
  public init() {}

  /// The method's values for `relabel`.
  public static let relabel = {
    var it = SeedSettings()
    (it.foregroundThreshold, it.backgroundThreshold) = (0.45, 0.15)
    return it
  }()

  /// States what the values must fulfil.
  public func check(_ rules: inout SettingRules) {
    rules.requireShare("foregroundThreshold", foregroundThreshold)
    rules.requireShare("backgroundThreshold", backgroundThreshold)
    rules.require(
      foregroundThreshold >= backgroundThreshold, "foregroundThreshold", foregroundThreshold,
      expected: "no less than backgroundThreshold, \(backgroundThreshold)")
    rules.require(
      foregroundExponent > 0, "foregroundExponent", foregroundExponent, expected: "above 0")
    rules.require(
      backgroundExponent > 0, "backgroundExponent", backgroundExponent, expected: "above 0")
  }

  /// The rule of package CRFRefine.
  var seeds: Seeds {
    switch rule {
    case .automatic: Seeds(background: .automatic, crf: crf ? .irnSeed : nil)
    case .thresholds:
      Seeds(
        background: .thresholds(
          foreground: Float(foregroundThreshold), background: Float(backgroundThreshold)),
        crf: crf ? .irnSeed : nil)
    case .exponents:
      Seeds(
        background: .exponents(
          foreground: Float(foregroundExponent), background: Float(backgroundExponent)),
        crf: crf ? .psa : nil)
    }
  }
}

/// Turns maps into confident labels: classes, background, and 255 where unsure (method, section 3).
///
/// `seed` reads pictures and `cam/<id>.npz`, `relabel` reads `activate/<id>.npz`; both write
/// `<id>.png`.
struct SeedStage: Stage {
  let recipe: Recipe
  let name: StageName
  private var source: StageName { name == .seed ? .cam : .activate }
  private var section: SeedSettings { name == .seed ? recipe.seed : recipe.relabel }
  var inputs: [StageName] { [source] }
  var data: [DataPart] { [.train] }
  var settings: [String: any Settings] { [name.rawValue: section] }

  func run(_ context: StageContext) throws -> [String: Double] {
    let pictures = try context.data.train()
    let (seeds, maps) = (section.seeds, context.folder.folder(of: source))
    // A picture a thread: the loader's workers do all of the work.
    try context.forEachMissing(
      pictures.records, suffix: ".png",
      load: { record -> LabelMap in
        let file = try MapFile(contentsOf: "\(maps)/\(fileName(record.id, ".npz"))")
        let image = try pictures.image(of: record)
        guard file.maps.shape[0] == image.height, file.maps.shape[1] == image.width else {
          throw PipelineError(
            .data,
            "\(maps)/\(fileName(record.id, ".npz")): maps of \(file.maps.shape[1]) x "
              + "\(file.maps.shape[0]) pixels, the picture has \(image.width) x \(image.height)")
        }
        return try seeds.labels(maps: file.maps, classes: file.classes, image: image.pixels)
      },
      finish: { try $1.writePNG(to: context.output(fileName($0.id, ".png"))) })
    return [:]
  }
}
