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
    let parts = training.dropLast() + ", accumulation: 2}"
    let yaml = """
      data: {root: "\(sample)", train: train, validation: val}
      network: {name: resnet-sample, fixedBatchNorm: false}
      classify: {training: \(training), augmentation: {longSide: [56, 80], crop: 64}}
      cam: {views: {scales: [1]}}
      fbr: {training: \(parts), augmentation: {crop: 64}, bank: 500}
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
    _ recipe: Recipe, in name: String, _ stages: [StageName] = StageName.allCases,
    console: Console = .silent
  ) throws -> Manifest {
    let run = try RunFolder("\(folder)/\(name)")
    try Run(recipe, in: run, console: console).execute(stages)
    return try Manifest(contentsOf: run.manifestPath)
  }

  /// Starts the program, which lies beside the test runner in the build folder.
  func start(_ arguments: [String]) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      .deletingLastPathComponent().appendingPathComponent("fbr")
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }
}

/// Messages as they were said.
final class Messages: LogHandler, @unchecked Sendable {
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info
  // Safe: one run logs, on one thread.
  private(set) var texts: [String] = []

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) { texts.append("\(event.message)") }

  var console: Console { Console(logger: Logger(label: "test") { _ in self }, isQuiet: true) }
}

extension Console {
  /// Says nothing.
  static var silent: Console {
    Console(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, isQuiet: true)
  }
}
