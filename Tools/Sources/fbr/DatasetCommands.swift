import ArgumentParser

struct DatasetCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dataset",
    abstract: "Make, check and convert collections of pictures.",
    discussion: """
      EXAMPLES
        fbr dataset make-sample sample
        fbr dataset check VOCdevkit/VOC2012 --list train
      """,
    subcommands: [MakeSample.self, CheckData.self, ConvertCOCO.self, LabelsFromMasks.self])
}
