import ArgumentParser

struct WeightsCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "weights",
    abstract: "Look into files of weights and convert them.",
    discussion: """
      EXAMPLES
        fbr weights inspect resnet50-11ad3fa6.pth
        fbr weights convert resnet50-11ad3fa6.pth resnet50.safetensors
      """,
    subcommands: [WeightsInspect.self, WeightsConvert.self])
}
