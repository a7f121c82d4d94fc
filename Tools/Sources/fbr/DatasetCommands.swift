import ArgumentParser

struct DatasetCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dataset",
    abstract: "Make, check and convert collections of pictures.",
    subcommands: [MakeSample.self, CheckData.self, ConvertCOCO.self, LabelsFromMasks.self])
}
