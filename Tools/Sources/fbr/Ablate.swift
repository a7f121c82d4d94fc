import ArgumentParser
import Foundation
import Pipeline
import Tensor

struct Ablate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run variants of a recipe and compare their scores.",
    discussion: """
      Each variant differs from the recipe in one setting, or in a few that a plan names together. \
      Stages that variants have in common, such as the classifier and its maps, are made once. \
      Interrupted, the same command goes on.

      EXAMPLES
        fbr ablate Tools/Recipes/sample.yaml --plan Tools/Ablations/heads.yaml
        fbr ablate Tools/Recipes/sample.yaml --over fbr.heads=dual,single fbr.clusters=4,8 --seeds 3
        fbr ablate voc.yaml --plan Tools/Ablations/*.yaml --to activate
        fbr ablate voc.yaml --over fbr.contrast=true,false --to activate --seed-key fbr.randomSeed
        fbr ablate voc.yaml --over fbr.contrast=false --to activate --reuse runs/voc
      """)

  @Argument(help: "The recipe, a YAML file.", completion: .file(extensions: ["yaml", "yml"]))
  var recipe: String

  @Option(
    parsing: .upToNextOption,
    help: "Settings and their values, section.key=value,value,..., in YAML.")
  var over: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: "Files of settings and values; see Tools/Ablations.",
    completion: .file(extensions: ["yaml", "yml"]))
  var plan: [String] = []

  @Option(help: "Runs of each variant. (default: the plans', else 1)")
  var seeds: Int?

  @Option(
    help: "The setting that takes the seeds 1, 2, ...; fbr.randomSeed repeats that stage alone.")
  var seedKey: String?

  @Option(help: "The last stage to run; it and those before it are scored.")
  var to = StageName.predict

  @Option(
    name: .customLong("run"),
    help: "The folder of all runs. (default: runs/ and the recipe's name and -ablation)",
    completion: .directory)
  var folder: String?

  @Option(
    help: "A run's folder, to take over what it made from the same; repeatable.",
    completion: .directory)
  var reuse: [String] = []

  @Flag(help: "Print the scores as JSON.")
  var json = false

  @OptionGroup var options: RunOptions

  func validate() throws {
    if over.isEmpty, plan.isEmpty {
      throw ValidationError("nothing to vary: give --over or --plan")
    }
    if let seeds, seeds < 1 { throw ValidationError("--seeds must be 1 or more") }
    if to == .evaluate { throw ValidationError("--to names a stage that is scored") }
  }

  func run() throws {
    try endingOnPipelineErrors {
      let files = plan
      var plan = AblationPlan()
      for file in files { try plan.add(contentsOf: file) }
      for text in over { try plan.vary(text) }
      plan.seeds = seeds ?? plan.seeds
      plan.seedKey = seedKey ?? plan.seedKey
      let ablation = try Ablation(recipe, overrides: options.set, plan: plan, last: to)
      let name = URL(fileURLWithPath: recipe).deletingPathExtension().lastPathComponent
      let table = try options.work { console in
        try ablation.run(
          in: folder ?? "runs/\(name)-ablation", reusing: reuse, console: console)
      }
      if json { try printJSON(table) } else { print(table.text, terminator: "") }
      if !table.failures.isEmpty { throw ExitCode(65) }
    }
  }
}
