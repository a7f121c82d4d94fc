import ArgumentParser
import Pipeline

@main
struct FBR: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fbr",
    abstract: "Weakly supervised semantic segmentation: from image labels to a model.",
    version: Run.version,
    subcommands: [
      RunCommand.self, StageCommand.self, Ablate.self, DatasetCommands.self,
      WeightsCommands.self,
      Predict.self, Evaluate.self, CRF.self, Propagate.self, Cluster.self, NetworkCommand.self,
      Export.self, Bench.self, Doctor.self,
    ])
}
