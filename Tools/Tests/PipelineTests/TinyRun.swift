import Datasets
import Foundation
import Logging
import Pipeline

/// A tiny data set and a recipe that takes seconds, in a folder of their own.
struct TinyRun {
  let folder: String

  init() throws {
    folder =
      FileManager.default.temporaryDirectory.appendingPathComponent(
        "run-\(UUID().uuidString)"
      ).path
    try SampleSet.make(seed: 3, count: 24, validationCount: 6, size: 64).write(to: sample)
  }

  var sample: String { folder + "/sample" }
  var recipePath: String { folder + "/recipe.yaml" }

  func recipe(_ overrides: [String] = []) throws -> Recipe {
    let training =
      "{epochs: 2, batchSize: 8, optimizer: adamw, learningRate: 1e-3, headLearningRate: 1e-3, "
      + "checkpointSteps: 2, averaging: 0.9}"
    let yaml = """
      data: {root: "\(sample)", train: train, validation: val}
      network: {name: resnet-sample, fixedBatchNorm: false}
      classify: {training: \(training), augmentation: {longSide: [56, 80], crop: 64}}
      cam: {views: {scales: [1]}}
      fbr: {training: \(training), augmentation: {crop: 64}, bank: 500}
      activate: {views: {scales: [1]}}
      boundary: {initial: classify, training: \(training), augmentation: {crop: 64}, radius: 4}
      propagate: {logSteps: 2}
      segment:
        initial: classify
        training: {steps: 6, batchSize: 8, learningRate: 1e-3, headLearningRate: 1e-2,
                   checkpointSteps: 2, accumulation: 2}
        augmentation: {crop: 64}
      predict: {views: {scales: [1]}}
      """
    try Data(yaml.utf8).write(to: URL(fileURLWithPath: recipePath))
    return try Recipe(contentsOf: recipePath, overrides: overrides)
  }

  /// What turns the recipe into one of the saliency route.
  static let saliencyRoute = [
    "fbr.host=ppc", "fbr.initial=network", "fbr.ppc.smallView=48", "data.saliency=saliency",
    "propagate.walk=false", "segment.initial=fbr",
  ]

  func execute(
    _ recipe: Recipe, in name: String, _ stages: [StageName] = StageName.allCases
  ) throws -> Manifest {
    let run = try RunFolder("\(folder)/\(name)")
    try Run(recipe, in: run, console: .silent).execute(stages)
    return try Manifest(contentsOf: run.manifestPath)
  }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }
}

extension Console {
  /// Says nothing.
  static var silent: Console {
    Console(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, isQuiet: true)
  }
}
