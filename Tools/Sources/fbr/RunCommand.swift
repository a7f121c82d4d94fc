public import ArgumentParser
import Foundation
import Logging
public import Pipeline
import Tensor

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Follow a recipe: from image labels to a segmentation model.",
    discussion: """
      Stages that are done and unchanged are skipped, and those that the recipe does not need; an \
      interrupted run goes on where it stopped, with the same result. Stages: \(StageName.allCases.map(\.rawValue).joined(separator: " ")).

      EXAMPLES
        fbr run Tools/Recipes/sample.yaml --set data.root=sample
        fbr run voc.yaml --run runs/voc --to seed
        fbr run voc.yaml --run runs/voc --force fbr --set fbr.clusters=16
      """)

  @Argument(help: "The recipe, a YAML file.", completion: .file(extensions: ["yaml", "yml"]))
  var recipe: String

  @Option(
    name: .customLong("run"),
    help: "The folder of the run. (default: runs/ and the recipe's name)", completion: .directory)
  var folder: String?

  @Option(help: "The first stage to run.")
  var from: StageName?

  @Option(help: "The last stage to run.")
  var to: StageName?

  @Option(help: "A stage to run anew although nothing changed; repeatable.")
  var force: [StageName] = []

  @Option(
    help: "Another run's folder, to take over what it made from the same; repeatable.",
    completion: .directory)
  var reuse: [String] = []

  @Flag(help: "Print JSON: the state, time, memory and figures of the stages, and the scores.")
  var json = false

  @OptionGroup var options: RunOptions

  func validate() throws {
    if let from, let to, to < from {
      throw ValidationError("--to \(to.rawValue) comes before --from \(from.rawValue)")
    }
    if let stage = force.first(where: { !range.contains($0) }) {
      throw ValidationError(
        "--force \(stage.rawValue) lies outside of the stages asked for, "
          + "\(range.lowerBound.rawValue) to \(range.upperBound.rawValue)")
    }
  }

  private var range: ClosedRange<StageName> { (from ?? .classify)...(to ?? .report) }

  func run() throws {
    try endingOnPipelineErrors {
      let name = URL(fileURLWithPath: recipe).deletingPathExtension().lastPathComponent
      let folder = folder ?? "runs/\(name)"
      let recipe = try Recipe(contentsOf: recipe, overrides: options.set)
      let needed = Set(recipe.stages + force)
      let stages = StageName.allCases.filter { range.contains($0) && needed.contains($0) }
      try options.execute(
        stages, forcing: Set(force), recipe: recipe, folder: folder, reusing: reuse, asJSON: json)
    }
  }
}

/// What every command that runs stages takes.
struct RunOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: "Settings over the recipe's, section.key=value, values in YAML.")
  var set: [String] = []

  @Option(help: "Threads of all kernels. (default: FBR_THREADS, else all cores)")
  var threads: Int?

  @Flag(name: .shortAndLong, help: "Say nothing but warnings and errors.")
  var quiet = false

  func validate() throws {
    try ThreadCount.check(threads)
  }

  /// Runs stages and prints the scores, or all as JSON.
  func execute(
    _ stages: [StageName], forcing forced: Set<StageName> = [], recipe: Recipe, folder: String,
    reusing donors: [String] = [], asJSON: Bool = false
  ) throws {
    try work(isForced: !forced.isEmpty) { console in
      try Run(recipe, in: RunFolder(folder), reusing: donors, console: console)
        .execute(stages, forcing: forced)
    }
    let scores =
      stages.contains(.evaluate)
      ? try? RunScores(contentsOf: "\(folder)/evaluate/\(RunScores.file)") : nil
    if asJSON {
      let entries = try Manifest(contentsOf: "\(folder)/manifest.json").stages
      return try printJSON(
        RunReport(
          folder: folder,
          stages: entries.filter { entry in stages.contains { $0.rawValue == entry.key } },
          scores: scores))
    }
    if let scores {
      if let last = scores.subjects.last { print("\(last.name)\n\(last.table)") }
      print(scores.summary)
    }
    if stages.contains(.report) { print("report: \(folder)/report/index.html") }
  }

  /// Does work that an interruption stops in order.
  func work<Result>(
    isForced: Bool = false, _ body: (Console) throws -> Result
  ) throws -> Result {
    if let threads { Threads.count = threads }
    Interruption.listen()
    do {
      return try body(Console(logger: .console(isQuiet: quiet), isQuiet: quiet))
    } catch let error as PipelineError where error.kind == .interrupted {
      // Forced stages that are done would be made once more.
      printError(
        "\(error); the same command \(isForced ? "without --force " : "")goes on from there")
      throw ExitCode(130)
    }
  }
}

/// What a run did, for programs.
private struct RunReport: Encodable {
  let folder: String
  let stages: [String: Manifest.Entry]
  let scores: RunScores?
}

extension StageName: ExpressibleByArgument {}

extension Logger {
  /// Messages for people on standard error.
  static func console(isQuiet: Bool = false) -> Logger {
    var logger = Logger(label: "fbr") { _ in ConsoleLogHandler() }
    logger.logLevel = isQuiet ? .warning : .info
    return logger
  }
}
