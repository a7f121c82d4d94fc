internal import Datasets
internal import Foundation
internal import Tensor

/// What is there of a run, for the sections of its report.
final class RunMaterial {
  let context: StageContext
  let manifest: Manifest
  let steps: [EventLog.Step]
  /// The scores of `evaluate`, where it is done.
  let scores: RunScores?
  let train: any ImageSource
  let validation: (any ImageSource)?
  /// The memory bank in pictures, where `fbr` is done and has one.
  let regions: RegionSurvey?
  /// The variants of this run's recipe, where `fbr ablate` compared them.
  let ablation: AblationTable?
  /// What the label maps of the training list hold, by stage.
  let masks: [MaskCounts]
  /// What could not be read, a sentence each.
  private(set) var problems: [String] = []

  init(_ context: StageContext) throws {
    self.context = context
    manifest = try Manifest(contentsOf: context.folder.manifestPath)
    steps = try EventLog.steps(context.folder.logPath)
    train = try context.data.train()
    validation = context.data.hasValidation ? try context.data.validation() : nil
    let manifest = manifest
    func isDone(_ stage: StageName) -> Bool { manifest[stage]?.state == .done }
    masks = try MaskCounts.all(
      [.seed, .relabel, .propagate].filter(isDone), of: train, context)
    var problems: [String] = []
    scores =
      isDone(.evaluate)
      ? try noting(&problems) {
        try RunScores(contentsOf: context.input(.evaluate, RunScores.file))
      } : nil
    ablation = try noting(&problems) { try AblationTable(of: context.folder) }
    let train = train
    regions = isDone(.fbr) ? try noting(&problems) { try RegionSurvey(context, train) } : nil
    self.problems = problems
  }

  /// What some work gives; `nil` where a file is broken, which is then told among the warnings.
  func unlessBroken<Result>(_ work: () throws -> Result?) throws -> Result? {
    try noting(&problems, work)
  }

  var recipe: Recipe { context.recipe }

  /// Background, then the classes.
  var names: [String] { ["background"] + train.classes.names }

  /// Whether a stage ended.
  func isDone(_ stage: StageName) -> Bool { manifest[stage]?.state == .done }

  /// Whether the segmentation network learned ground-truth masks, as far as it trained at all.
  var isFullySupervised: Bool {
    let setting = manifest[.segment]?.basis.settings["segment.fullySupervised"]
    return setting.map { ["1", "true"].contains($0) } ?? recipe.segment.fullySupervised
  }

  /// The stages that this run is to go through.
  var wantedStages: [StageName] {
    let needed = Set(recipe.stages)
    return StageName.allCases.filter {
      $0 != .report && (needed.contains($0) || manifest[$0] != nil)
    }
  }

  /// A stage's file of a picture, if it is there.
  func file(_ stage: StageName, _ id: String, _ suffix: String) -> String? {
    let path = context.input(stage, fileName(id, suffix))
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }

  /// The scores of a stage.
  func subject(_ stage: StageName) -> RunScores.Subject? {
    scores?.subjects.first { $0.name == stage.rawValue }
  }
}

/// A page is no place to stop at a broken file: it is noted, and the rest goes on.
private func noting<Result>(
  _ problems: inout [String], _ work: () throws -> Result?
) throws -> Result? {
  do {
    return try work()
  } catch let error as PipelineError where error.kind == .interrupted {
    throw error
  } catch {
    if !problems.contains("\(error)") { problems.append("\(error)") }
    return nil
  }
}
