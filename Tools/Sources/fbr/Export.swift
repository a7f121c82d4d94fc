import ArgumentParser
import Backbone
import Tensor
import TensorIO

struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a trained network as ONNX, .safetensors or .npz.",
    discussion: """
      ONNX: opset \(ONNXModel.opset), images [batch, 3, height, width] of any size, RGB in 0...255 \
      less 'mean' and divided by 'std' of the file's metadata. Batch norms are folded in; scores of \
      a segmentation network have the image's size. The other formats hold the weights under \
      PyTorch's names, checked against the network.

      EXAMPLES
        fbr export weights/efficientnet-lite0-57934424.pth lite0.onnx \\
          --network efficientnet-lite0 --output-stride 32 --head classifier
        fbr export deeplab.safetensors deeplab.onnx --network resnet50 --head deeplab-v2
      """)

  @Argument(help: "The trained weights, in any format that is read.", completion: .file())
  var weights: String

  @Argument(help: "The .onnx, .safetensors or .npz file to write.", completion: .file())
  var output: String

  @Option(help: "The network's name; see 'fbr network --list'.")
  var network: String

  @OptionGroup var options: NetworkOptions

  func validate() throws {
    guard [".onnx", ".safetensors", ".npz"].contains(where: output.hasSuffix) else {
      throw ValidationError("\(output): expected a name that ends in .onnx, .safetensors or .npz")
    }
    try expectApart(outputs: [output], inputs: [weights])
    _ = try HeadedNetwork(network, options, classCount: 1)
  }

  func run() throws {
    try endingOnDataErrors {
      let file = try WeightFile(reading: weights)
      let made = try HeadedNetwork(
        network, options,
        classCount: HeadedNetwork.classCount(file, head: options.head) ?? 1)
      printProgress("\(try made.load(file))")
      if output.hasSuffix(".onnx") {
        let model = try ONNXModel(
          made.module, inputs: [("image", [1, 64, 64, 3])], outputs: made.outputNames,
          metadata: made.metadata
        ) { made.outputs($0[0]) }
        try model.write(to: output)
        print("\(output): opset \(ONNXModel.opset), outputs \(made.outputNames)")
      } else {
        let arrays = made.module.stateArrays
        try WeightFile.write(
          arrays, to: output, metadata: made.metadata.merging(["format": "pt"]) { $1 })
        print("\(output): \(arrays.count) tensors")
      }
    }
  }
}
