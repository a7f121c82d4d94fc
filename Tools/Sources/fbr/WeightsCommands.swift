import ArgumentParser

struct WeightsCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "weights",
    abstract: "Look into files of weights and convert them.",
    subcommands: [WeightsInspect.self, WeightsConvert.self])
}
