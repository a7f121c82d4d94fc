public import Autograd
public import Tensor
public import TensorIO

/// A network's forward pass in evaluation mode as an ONNX model.
///
/// Images are `[N, C, H, W]` in it, as users of ONNX expect. Batch, height and width are free: sizes
/// are computed in the graph, so it need not be used at the size it was traced at. Batch norms are
/// folded into convolutions, dropout is left out. Operations of opset 17, IR version 8
/// (https://onnx.ai/onnx): onnxruntime 1.12 and later.
public struct ONNXModel: Sendable {
  /// The version of ONNX's set of operations.
  public static let opset = 17

  /// The file's bytes, in stretches that follow each other.
  public let bytes: [Bytes]

  /// Traces a network.
  ///
  /// - Parameters:
  ///   - model: The network; it is left as it was.
  ///   - inputs: Names and shapes of what `forward` takes: images `[N, H, W, C]` or rows `[N, C]` of
  ///     any size the network allows, such as `("image", [1, 65, 65, 3])`.
  ///   - outputs: Names of what `forward` returns.
  ///   - metadata: Free text by name, such as the input preset.
  ///   - forward: Applies the network, by its own layers.
  /// - Throws: `ONNXError` where something in the network has no ONNX form.
  public init(
    _ model: any Module, inputs: [(name: String, shape: Shape)], outputs: [String],
    metadata: [String: String] = [:], _ forward: ([Variable]) -> [Variable]
  ) throws(ONNXError) {
    let trace = Trace(model, inputShapes: inputs.map(\.shape), forward)
    check(
      trace.outputs.count == outputs.count,
      "ONNXModel: \(outputs.count) names for \(trace.outputs.count) outputs")
    var builder = ONNXBuilder(trace)
    for (input, variable) in zip(inputs, trace.inputs) {
      builder.addInput(input.name, variable)
    }
    for step in trace.steps { try builder.add(step) }
    for (name, variable) in zip(outputs, trace.outputs) { try builder.addOutput(name, variable) }

    var file = ProtobufMessage()
    file.add(1, 8)
    file.add(2, "fbr")
    file.add(7, builder.graph.message(named: "\(type(of: model))"))
    var operations = ProtobufMessage()
    operations.add(1, "")
    operations.add(2, Self.opset)
    file.add(8, operations)
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      var entry = ProtobufMessage()
      entry.add(1, key)
      entry.add(2, value)
      file.add(14, entry)
    }
    bytes = file.bytes
    let count = bytes.reduce(0) { $0 + $1.count }
    guard count < 1 << 31 else {
      throw ONNXError("the model has \(count) bytes, an ONNX file holds 2147483647 at the most")
    }
  }

  /// Writes the `.onnx` file.
  ///
  /// - Parameter path: The file; replaced as a whole.
  /// - Throws: `TensorIOError` where the file cannot be written.
  public func write(to path: String) throws(TensorIOError) { try Bytes.write(bytes, to: path) }
}

/// Why a network cannot be written as ONNX.
public struct ONNXError: Error, Hashable, CustomStringConvertible {
  /// What has no ONNX form.
  public let description: String

  init(_ what: String) { description = "ONNX export: \(what)" }
}
