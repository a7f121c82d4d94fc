import ArgumentParser
import Autograd
import Backbone
import Pipeline
import Tensor

struct NetworkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "network",
    abstract: "Print what a network is made of: layers, shapes, parameters, FLOPs, memory.",
    discussion: """
      A multiply-add counts two operations; what is fused into a convolution counts nothing.

      EXAMPLES
        fbr network --list
        fbr network resnet50 --size 512x512 --output-stride 16
        fbr network resnet50 --head deeplab-v2 --classes 21 --json
      """)

  @Argument(help: "The network's name; see --list.")
  var name: String?

  @Option(help: "Height and width of the images in pixels.")
  var size = ImageSize(height: 224, width: 224)

  @Option(help: "Images at once.")
  var batch = 1

  @OptionGroup var options: NetworkOptions

  @Option(help: "Classes of the head, background included where it has one.")
  var classes = 21

  @Flag(help: "Print the networks there are and what they need.")
  var list = false

  @Flag(help: "Print JSON instead of a table.")
  var json = false

  func validate() throws {
    for (name, value) in [("batch", batch), ("classes", classes)]
    where !(1...4096).contains(value) {
      throw ValidationError("--\(name) is \(value), expected 1...4096")
    }
    guard let name else {
      if list { return }
      throw ValidationError("which network? 'fbr network --list' names them")
    }
    _ = try HeadedNetwork(name, options, classCount: classes)
  }

  func run() throws {
    guard !list, let name else { return try printNetworks() }
    let network = try HeadedNetwork(name, options, classCount: classes)
    let summary = NetworkSummary(
      network.module, inputShapes: [[batch, size.height, size.width, 3]]
    ) { network.outputs($0[0]) }
    if json { try printJSON(summary) } else { print(summary) }
  }

  private struct Needs: Encodable {
    let name: String
    let outputStrides, stageChannels: [Int]
    let mean, standardDeviation: [Float]
  }

  private func printNetworks() throws {
    let networks = NetworkName.allCases.map {
      Needs(
        name: $0.rawValue, outputStrides: $0.outputStrides, stageChannels: $0.stageChannels,
        mean: $0.inputPreset.mean, standardDeviation: $0.inputPreset.standardDeviation)
    }
    if json { return try printJSON(networks) }
    func text(_ numbers: [some Any]) -> String {
      numbers.map { "\($0)" }.joined(separator: " ")
    }
    let rows = networks.map {
      [
        $0.name, text($0.outputStrides), text($0.stageChannels), text($0.mean),
        text($0.standardDeviation),
      ]
    }
    print(alignedTable([["network", "output strides", "channels", "mean", "deviation"]] + rows))
  }
}

/// `HxW`, or one number for a square.
struct ImageSize: ExpressibleByArgument, CustomStringConvertible {
  let height, width: Int

  init(height: Int, width: Int) { (self.height, self.width) = (height, width) }

  init?(argument: String) {
    let sides = argument.lowercased().split(separator: "x", omittingEmptySubsequences: false)
      .map { Int($0) ?? 0 }
    guard [1, 2].contains(sides.count), sides.allSatisfy({ (1...16384).contains($0) }) else {
      return nil
    }
    self.init(height: sides[0], width: sides[sides.count - 1])
  }

  var description: String { "\(height)x\(width)" }
  var defaultValueDescription: String { description }
}
