import ArgumentParser
import Backbone
import TensorIO

struct WeightsConvert: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Write a file of weights in another format.",
    discussion: """
      Names, shapes and kinds of numbers stay as they are, and what a .safetensors file says of its \
      model; .npz has no place for that. A state dictionary inside a checkpoint is taken out of it, \
      and the 'module.' of data-parallel training away.

      EXAMPLES
        fbr weights convert resnet50-11ad3fa6.pth resnet50.safetensors
      """)

  @Argument(help: "A .pth, .pt, .bin, .safetensors or .npz file.", completion: .file())
  var input: String

  @Argument(help: "The .safetensors or .npz file to write.", completion: .file())
  var output: String

  func validate() throws {
    guard output.hasSuffix(".safetensors") || output.hasSuffix(".npz") else {
      throw ValidationError("\(output): expected a name that ends in .safetensors or .npz")
    }
    try expectApart(outputs: [output], inputs: [input])
  }

  func run() throws {
    try endingOnDataErrors {
      let arrays = try WeightFile.readArrays(input)
      // PyTorch refuses a .safetensors file that does not say whose layout it has.
      let metadata = try WeightFile.metadata(input).merging(["format": "pt"]) { own, _ in own }
      try WeightFile.write(arrays, to: output, metadata: metadata)
      let bytes = arrays.values.reduce(0) { $0 + $1.bytes.count }
      print("\(output): \(arrays.count) tensors, \(bytes) bytes of numbers")
    }
  }
}
