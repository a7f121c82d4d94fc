internal import Autograd
internal import Backbone
internal import CRFRefine
internal import Datasets
internal import Foundation
internal import Metrics
internal import Tensor

/// The constants of `evaluate`.
public struct EvaluateSettings: Settings {
  /// What is scored.
  public enum Subject: String, Codable, Sendable, CaseIterable {
    /// The classifier, on the validation list.
    case classify
    /// CAMs with a constant background score.
    case cam
    /// Seeds.
    case seed
    /// Maps after `fbr` with a constant background score.
    case activate
    /// The second seeds.
    case relabel
    /// Pseudo masks.
    case propagate
    /// Predictions on the validation list.
    case predict

    var stage: StageName { StageName(rawValue: rawValue) ?? .cam }
  }

  /// What is scored; what the run does not make is left out by hand.
  public var subjects = Subject.allCases
  /// How maps become labels.
  public enum Rule: String, Codable, Sendable, CaseIterable {
    /// By a background score that each picture's scores give; no ground truth.
    case otsu
    /// By the constants below, which papers choose on masks.
    case constant
  }

  /// How maps become labels.
  public var rule = Rule.otsu
  /// The background's score for CAMs.
  public var camThreshold = 0.15
  /// The background's score for the maps of `activate`.
  public var activateThreshold = 0.5
  /// Background scores that are tried on all maps; this uses ground truth and decides nothing.
  public var sweep = [
    0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.9,
  ]

  /// Creates the defaults.
  public init() {}

  /// States what the values must fulfil.
  public func check(_ rules: inout SettingRules) {
    rules.require(!subjects.isEmpty, "subjects", "empty", expected: "one or more")
    rules.requireShare("camThreshold", camThreshold)
    rules.requireShare("activateThreshold", activateThreshold)
    rules.require(
      sweep.allSatisfy { (0...1).contains($0) }, "sweep", sweep, expected: "numbers in 0...1")
  }
}

/// Scores every stage against ground-truth masks, which no other stage but `report` reads.
///
/// Reads the files of the stages and masks; writes `scores.json` and `scores.txt`.
struct EvaluateStage: Stage {
  let recipe: Recipe
  let name = StageName.evaluate
  var inputs: [StageName] { subjects.map(\.stage) }
  var data: [DataPart] { [.train, .validation, .trainMasks, .validationMasks] }
  var settings: [String: any Settings] { ["evaluate": recipe.evaluate] }

  private var subjects: [EvaluateSettings.Subject] {
    recipe.evaluate.subjects.filter { subject in
      switch subject {
      case .classify:
        recipe.cam.importing.isEmpty && !recipe.segment.fullySupervised && recipe.fbr.host == .amn
      case .cam, .seed: !recipe.segment.fullySupervised && recipe.fbr.host == .amn
      case .predict: true
      default: !recipe.segment.fullySupervised
      }
    }
  }

  func run(_ context: StageContext) throws -> [String: Double] {
    var scores = RunScores()
    for subject in subjects {
      switch subject {
      case .classify: scores.classification = try classification(context)
      case .cam, .activate:
        scores.subjects.append(contentsOf: try maps(subject, context))
        if subject == .cam ? recipe.cam.validation : recipe.activate.validation {
          scores.subjects.append(contentsOf: try maps(subject, context, ofValidation: true))
        }
      case .seed, .relabel, .propagate, .predict:
        try scores.subjects.append(contentsOf: masks(subject, context))
      }
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try RunFolder.write(try encoder.encode(scores), to: context.output(RunScores.file))
    try RunFolder.write(scores.text, to: context.output("scores.txt"))
    return scores.figures
  }

  /// How well the classifier knows the classes of validation pictures.
  private func classification(_ context: StageContext) throws -> ClassificationScores? {
    guard context.data.hasValidation else { return nil }
    let source = try context.data.validation()
    let random = RandomSource(context.generator("dropout"))
    let model = try CAMClassifier.make(
      recipe, classCount: source.classes.count, backbone: context.makeBackbone(random), context)
    try context.load(model, from: .classify)
    let normalization = context.normalization
    var views = recipe.cam.views
    (views.scales, views.flip) = ([1], false)
    var (logits, labels): ([Tensor], [Tensor]) = ([], [])
    try context.forEach(
      source.records, name: "evaluate classify",
      load: { [views] in PictureViews(try source.image(of: $0), views, normalization) },
      finish: { record, views in
        logits.append(withoutGradients { model(Variable(views.views[0].input)).logits.value })
        labels.append(Tensor.imageLabels(record.labels, classCount: source.classes.count))
      })
    return try ClassificationScores(
      scores: Tensor(concatenating: logits, axis: 0).sigmoid(),
      labels: Tensor(concatenating: labels, axis: 0))
  }

  /// Scores of maps by the recipe's rule, and at all thresholds of the sweep.
  private func maps(
    _ subject: EvaluateSettings.Subject, _ context: StageContext, ofValidation: Bool = false
  ) throws -> [RunScores.Subject] {
    let source = try ofValidation ? context.data.validation() : context.data.train()
    let records = source.records.filter { $0.maskPath != nil || source is COCOInstances }
    guard !records.isEmpty else { return [] }
    let settings = recipe.evaluate
    let constant = Float(subject == .cam ? settings.camThreshold : settings.activateThreshold)
    let threshold: ForegroundThreshold = settings.rule == .otsu ? .otsu : .constant(constant)
    let classCount = source.classes.count + 1
    var matrix = ConfusionMatrix(classes: classCount)
    var sweep =
      settings.sweep.isEmpty
      ? nil : ThresholdSweep(classes: classCount, thresholds: settings.sweep.map { Float($0) })
    let folder =
      context.folder.folder(of: subject.stage) + "/"
      + (ofValidation ? MapList.validationFolder : "")
    try context.forEach(
      records, name: "evaluate \(subject.rawValue)",
      load: { record -> (MapFile, LabelMap, LabelMap?) in
        let file = try MapFile(contentsOf: "\(folder)\(fileName(record.id, ".npz"))")
        return (file, try file.labels(threshold), try source.mask(of: record))
      },
      finish: { record, loaded in
        guard let mask = loaded.2 else { return }
        try naming("\(folder)\(fileName(record.id, ".npz"))", record) {
          try matrix.add(loaded.1, target: mask)
          try sweep?.add(scores: loaded.0.maps, labels: loaded.0.classes, target: mask)
        }
      })
    return [
      RunScores.Subject(
        name: subject.rawValue, list: ofValidation ? "validation" : "train",
        threshold: settings.rule == .otsu ? nil : Double(constant),
        report: try SegmentationReport(matrix, names: ["background"] + source.classes.names),
        confusion: matrix,
        best: sweep?.best.map { .init(Double($0.threshold), $0.meanIoU) })
    ]
  }

  /// Scores of label maps.
  private func masks(
    _ subject: EvaluateSettings.Subject, _ context: StageContext
  ) throws -> [RunScores.Subject] {
    guard subject != .predict || context.data.hasValidation else { return [] }
    let source = try subject == .predict ? context.data.validation() : context.data.train()
    let records = source.records.filter { $0.maskPath != nil || source is COCOInstances }
    guard !records.isEmpty else { return [] }
    let folder = context.folder.folder(of: subject.stage)
    let classCount = source.classes.count + 1
    var matrix = ConfusionMatrix(classes: classCount)
    var pictures: [RunScores.Picture] = []
    try context.forEach(
      records, name: "evaluate \(subject.rawValue)",
      load: { record -> (LabelMap, LabelMap?) in
        let path = "\(folder)/\(fileName(record.id, ".png"))"
        return (try LabelMap(contentsOf: path), try source.mask(of: record))
      },
      finish: { record, loaded in
        guard let target = loaded.1 else { return }
        var one = ConfusionMatrix(classes: classCount)
        try naming("\(folder)/\(fileName(record.id, ".png"))", record) {
          try one.add(loaded.0, target: target)
        }
        try matrix.merge(one)
        pictures.append(.init(id: record.id, meanIoU: one.meanIoU ?? 0))
      })
    return [
      RunScores.Subject(
        name: subject.rawValue, list: subject == .predict ? "validation" : "train",
        report: try SegmentationReport(matrix, names: ["background"] + source.classes.names),
        confusion: matrix, pictures: pictures)
    ]
  }
}

/// Names, in an error of the scores, the picture and the two files that do not go together.
private func naming(_ file: String, _ record: ImageRecord, _ score: () throws -> Void) throws {
  do {
    try score()
  } catch {
    throw PipelineError(
      .data,
      "picture '\(record.id)': \(file) against \(record.maskPath ?? record.origin.path): \(error)")
  }
}

extension MapFile {
  /// Each pixel's largest class, or background where no score is above the threshold.
  fileprivate func labels(_ threshold: ForegroundThreshold) throws -> LabelMap {
    guard !classes.isEmpty else {
      return LabelMap(repeating: 0, shape: [maps.shape[0], maps.shape[1]])
    }
    var labels = try LabelMap(
      largestOf: maps, background: threshold.value(for: maps.max([2]).scalars))
    let names = [0] + classes.map { UInt8($0) }
    for pixel in labels.labels.indices { labels.labels[pixel] = names[Int(labels.labels[pixel])] }
    return labels
  }
}
