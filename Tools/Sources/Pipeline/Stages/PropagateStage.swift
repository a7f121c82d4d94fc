internal import Backbone
internal import CRFRefine
internal import Datasets
internal import Foundation
internal import Autograd
internal import Tensor

/// The constants of `propagate`.
public struct PropagateSettings: Settings {
  /// The maps that are walked.
  public enum Maps: String, Codable, Sendable, CaseIterable {
    /// Those of the network that `fbr` trained.
    case activate
    /// The classifier's.
    case cam
  }

  /// What parts foreground from background.
  public enum Rule: String, Codable, Sendable, CaseIterable {
    /// A share of the largest score that each picture's scores give; no ground truth.
    case automatic
    /// The same for maps that were walked little or not at all.
    case otsu
    /// The share `threshold`, as papers choose it.
    case constant
  }

  /// A dense CRF at the end.
  public enum Refinement: String, Codable, Sendable, CaseIterable {
    /// None, as in IRN.
    case none
    /// On the labels, as for seeds.
    case labels = "irn-seed"
    /// On the scores.
    case scores = "psa"
  }

  /// The maps that are walked.
  public var maps = Maps.activate
  /// Whether the maps are walked over what `boundary` learned; else they are only labelled, and
  /// `boundary` is not needed.
  public var walk = true
  /// The exponent of the maps.
  public var power = 1.3
  /// The exponent of the affinities; 10 for IRN, 8 for PSA.
  public var beta = 10.0
  /// The logarithm to base 2 of the number of steps.
  public var logSteps = 8
  /// The largest distance of a step, in pixels of the affinities.
  public var radius = 5
  /// What parts foreground from background.
  public var rule = Rule.constant
  /// The share of the largest score, for `constant`.
  public var threshold = 0.25
  /// Pixels decided by less than this share become 255; 0: none.
  public var unknownMargin = 0.0
  /// A dense CRF at the end.
  public var crf = Refinement.none
  /// Whether instance masks are made too; needs `boundary.method: irn`.
  public var instances = false

  /// Creates the method's values.
  public init() {}

  /// States what the values must fulfil.
  public func check(_ rules: inout SettingRules) {
    rules.require(power > 0 && power <= 10, "power", power, expected: "above 0 and up to 10")
    rules.require(beta > 0, "beta", beta, expected: "above 0")
    rules.require((0...12).contains(logSteps), "logSteps", logSteps, expected: "0...12")
    rules.require((2...32).contains(radius), "radius", radius, expected: "2...32")
    rules.requireShare("threshold", threshold)
    rules.require(
      unknownMargin >= 0 && unknownMargin < 1, "unknownMargin", unknownMargin, expected: "0 up to 1"
    )
    rules.require(
      walk || !instances, "instances", instances, expected: "false where nothing is walked")
  }

  var randomWalk: RandomWalk {
    RandomWalk(beta: Float(beta), steps: 1 << logSteps, mapPower: Float(power))
  }

  private var foregroundThreshold: ForegroundThreshold {
    switch rule {
    case .automatic: .automatic
    case .otsu: .otsu
    case .constant: .constant(Float(threshold))
    }
  }

  var pseudoMasks: PseudoMasks {
    PseudoMasks(
      threshold: foregroundThreshold,
      crf: crf == .none ? nil : crf == .labels ? .irnSeed : .psa,
      unknownMargin: Float(unknownMargin))
  }
}

/// Pseudo masks: maps walked over the learned affinities, then labelled (method, section 5); and
/// instance masks (section 7).
///
/// Reads pictures, maps and, for the walk, `boundary/model.safetensors`; writes `<id>.png`, the boundaries
/// `boundary/<id>.png` and, for instances, `instances/<id>.png` with `instances/<id>.json`.
struct PropagateStage: Stage {
  let recipe: Recipe
  let name = StageName.propagate
  let codeVersion = 2
  var inputs: [StageName] {
    [recipe.propagate.maps == .cam ? .cam : .activate] + (recipe.propagate.walk ? [.boundary] : [])
  }
  var data: [DataPart] { [.train] }
  var settings: [String: any Settings] {
    ["network": recipe.network, "propagate": recipe.propagate]
  }

  func run(_ context: StageContext) throws -> [String: Double] {
    let source = try context.data.train()
    let settings = recipe.propagate
    let network = settings.walk ? try loadNetwork(context) : nil
    let maps = context.folder.folder(of: settings.maps == .cam ? .cam : .activate)
    let normalization = context.normalization
    var views = ViewSettings()
    views.scales = [1]
    let pseudoMasks = settings.pseudoMasks
    try context.forEachMissing(
      source.records, suffix: ".png",
      load: { [views] record -> (Image, PictureViews?, MapFile) in
        let image = try source.image(of: record)
        return (
          image, settings.walk ? PictureViews(image, views, normalization) : nil,
          try MapFile(contentsOf: "\(maps)/\(fileName(record.id, ".npz"))")
        )
      },
      finish: { record, loaded in
        let (image, views, file) = loaded
        var maps = file.maps
        if let network, let views {
          let affinities = try network.affinities(views, radius: settings.radius)
          let graph = affinities.graph
          maps = try settings.randomWalk.walk(
            maps.mapsAtCells(height: graph.height, width: graph.width),
            damping: affinities.boundary, over: graph
          ).maps
          if let boundary = affinities.boundary {
            try writeBoundary(record, image, file, boundary, affinities.displacement, context)
          }
        }
        let mask = try pseudoMasks.mask(
          maps: maps, classes: file.classes, height: image.height, width: image.width,
          image: image.pixels)
        try mask.labels.writePNG(to: context.output(fileName(record.id, ".png")))
      })
    return try survey(source, context)
  }

  private func loadNetwork(_ context: StageContext) throws -> AffinityNetwork {
    let backbone = try context.makeBackbone(RandomSource(context.generator("dropout")))
    let network = AffinityNetwork(recipe.boundary.method, backbone: backbone, context)
    try context.load(network, from: .boundary)
    return network
  }

  private func writeBoundary(
    _ record: ImageRecord, _ image: Image, _ file: MapFile, _ boundary: Tensor,
    _ displacement: Tensor?, _ context: StageContext
  ) throws {
    if recipe.propagate.instances, let displacement {
      try writeInstances(record, image, file, boundary, displacement, context)
    }
    try RunFolder.makeFolder(context.output("boundary"))
    try GrayImage(shares: boundary)
      .writePNG(to: context.output("boundary/" + fileName(record.id, ".png")))
  }

  private func writeInstances(
    _ record: ImageRecord, _ image: Image, _ file: MapFile, _ boundary: Tensor,
    _ displacement: Tensor, _ context: StageContext
  ) throws {
    let settings = recipe.propagate
    var method = InstanceSegmentation()
    method.walk = settings.randomWalk
    method.radius = settings.radius
    let found = try method.instances(
      maps: file.maps.mapsAtCells(height: boundary.shape[0], width: boundary.shape[1]),
      classes: file.classes, boundary: boundary, displacement: displacement,
      height: image.height, width: image.width)
    try RunFolder.makeFolder(context.output("instances"))
    let path = context.output("instances/" + fileName(record.id, ""))
    let coco = try context.data.train() as? COCOInstances
    let result = (id: coco?.imageID(of: record).map { "\($0)" } ?? record.id, masks: found)
    try RunFolder.write(
      cocoResults([result], categoryIDs: coco?.categoryIDsByLabel ?? [:]), to: path + ".json")
    try found.labelMap().writePNG(to: path + ".png")
  }

  /// Counts what all masks hold, and warns of what looks wrong.
  private func survey(
    _ source: any ImageSource, _ context: StageContext
  ) throws -> [String: Double] {
    let masks = context.outputs
    var survey = MaskSurvey(classCount: source.classes.count)
    try context.forEach(
      source.records, name: "survey",
      load: { try LabelMap(contentsOf: "\(masks)/\(fileName($0.id, ".png"))") },
      finish: { try survey.add($1, id: $0.id, classes: $0.labels) })
    for warning in survey.warnings { context.warn(warning) }
    return [
      "unknown share": survey.unknownShare,
      "all background": Double(survey.allBackground.count),
    ]
  }
}

extension GrayImage {
  /// A map of 0...1 as grey values.
  init(shares map: Tensor) {
    self.init(
      map.scalars.map { UInt8(max(0, min(255, $0 * 255)).rounded()) }, height: map.shape[0],
      width: map.shape[1])
  }
}
