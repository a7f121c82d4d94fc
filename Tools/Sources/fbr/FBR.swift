import ArgumentParser

@main
struct FBR: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fbr",
    abstract: "Weakly supervised semantic segmentation: from image labels to a model.",
    version: "0.1.0-dev",
    subcommands: [
      RunCommand.self, StageCommand.self, DatasetCommands.self, WeightsCommands.self,
      NetworkCommand.self, Export.self, Cluster.self, Bench.self, Doctor.self,
    ])
}
