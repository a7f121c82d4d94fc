import Autograd
import Backbone
import Foundation
import Tensor
import TensorIO
import Testing

@Suite("ONNXModel")
struct ONNXModelTests {
  private let network: Sequential

  init() {
    var generator = PhiloxGenerator(seed: 1)
    network = Sequential(
      Convolution2d(inChannels: 3, outChannels: 2, kernelSize: 1, using: &generator),
      Activation(.relu))
  }

  @Test("the bytes are those of the wire format")
  func bytes() throws {
    let model = try ONNXModel(
      network, inputs: [("image", [1, 5, 4, 3])], outputs: ["y"], metadata: ["key": "text"]
    ) { [network($0[0])] }
    let bytes = model.bytes.flatMap(\.array)
    // ModelProto: ir_version 8, producer_name "fbr", then the graph's key.
    #expect(bytes.prefix(8) == [8, 8, 18, 3, 102, 98, 114, 58])
    // opset_import {"", 17}, then metadata_props {"key", "text"}.
    let tail: [UInt8] =
      [66, 4, 10, 0, 16, 17, 114, 11, 10, 3] + Array("key".utf8) + [18, 4] + Array("text".utf8)
    #expect(Array(bytes.suffix(tail.count)) == tail)
    // The convolution's weight, output channels first, as raw little-endian floats.
    let weight = try #require(network.stateDict["0.weight"])
    let raw = NumericArray(weight).bytes.array
    #expect(bytes.indices.contains { bytes[$0...].starts(with: raw) })
  }

  @Test("a value that no layer made is an error")
  func untraced() {
    #expect {
      try ONNXModel(network, inputs: [("image", [1, 5, 4, 3])], outputs: ["y"]) {
        [network($0[0].squared())]
      }
    } throws: {
      "\($0)" == "ONNX export: conv 1x1, relu takes a value that none of the network's layers made"
    }
    #expect {
      try ONNXModel(network, inputs: [("image", [1, 5, 4, 3])], outputs: ["y"]) {
        [network($0[0]) * 2]
      }
    } throws: {
      "\($0)" == "ONNX export: output 'y' takes a value that none of the network's layers made"
    }
  }

  @Test("a file that cannot be written is an error that names it")
  func unwritable() throws {
    let model = try ONNXModel(network, inputs: [("image", [1, 5, 4, 3])], outputs: ["y"]) {
      [network($0[0])]
    }
    #expect {
      try model.write(to: "/nonexistent/model.onnx")
    } throws: {
      "\($0)".hasPrefix("/nonexistent/model.onnx: cannot be written: ")
    }
  }
}
