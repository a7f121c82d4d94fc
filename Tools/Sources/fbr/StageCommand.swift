import ArgumentParser
import Foundation
import Pipeline

struct StageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stage",
    abstract: "Run one stage in a run's folder.",
    discussion: """
      What the stage reads must be there; the run's own recipe is followed. A stage that is done and \
      unchanged is not run again unless forced.

      EXAMPLES
        fbr stage seed --run runs/voc
        fbr stage evaluate --run runs/voc --force
        fbr stage propagate --run runs/voc --set propagate.threshold=0.3
      """)

  @Argument(help: "The stage: \(StageName.allCases.map(\.rawValue).joined(separator: ", ")).")
  var name: StageName

  @Option(name: .customLong("run"), help: "The folder of the run.", completion: .directory)
  var folder: String

  @Flag(help: "Run it anew although nothing changed.")
  var force = false

  @Flag(help: "Print JSON: the state, time, memory and figures of the stages, and the scores.")
  var json = false

  @OptionGroup var options: RunOptions

  func run() throws {
    try endingOnPipelineErrors {
      let recipe = try Recipe(contentsOf: "\(folder)/run.yaml", overrides: options.set)
      try options.execute(
        [name], forcing: force ? [name] : [], recipe: recipe, folder: folder, asJSON: json)
    }
  }
}
