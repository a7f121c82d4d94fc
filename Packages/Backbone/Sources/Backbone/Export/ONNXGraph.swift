internal import Tensor
internal import TensorIO

/// The nodes and constants of an ONNX graph while it is built; images are `[N, C, H, W]` in it.
struct ONNXGraph {
  /// The size of an axis: known, or by a name.
  enum Dimension {
    case fixed(Int)
    case named(String)
  }

  private var nodes: [ONNXNode] = []
  private var constants: [String: NumericArray] = [:]
  private var order: [String] = []
  private var inputs: [ProtobufMessage] = []
  private var outputs: [ProtobufMessage] = []

  mutating func addInput(_ name: String, _ dimensions: [Dimension]) {
    inputs.append(Self.value(name, dimensions))
  }

  /// Declares an output and gives it its name.
  mutating func addOutput(_ name: String, of value: String, _ dimensions: [Dimension]) {
    nodes.append(
      ONNXNode(operation: "Identity", name: name, inputs: [value], output: name, attributes: [:]))
    outputs.append(Self.value(name, dimensions))
  }

  /// Adds an operation.
  ///
  /// - Parameters:
  ///   - operation: ONNX's name of it.
  ///   - name: What it is in the model, such as `layer1.0.conv1`.
  ///   - inputs: Names of values; an empty one stands for an input left out.
  ///   - attributes: Its attributes.
  /// - Returns: The name of its output.
  mutating func add(
    _ operation: String, _ name: String, _ inputs: [String],
    _ attributes: KeyValuePairs<String, ONNXNode.Attribute> = [:]
  ) -> String {
    let node = "\(name.isEmpty ? "" : name + "/")\(operation)_\(nodes.count)"
    let output = node + "_output"
    nodes.append(
      ONNXNode(
        operation: operation, name: node, inputs: inputs, output: output, attributes: attributes))
    return output
  }

  /// Adds a constant of floats, once for each name.
  mutating func constant(_ name: String, _ tensor: Tensor) -> String {
    constant(name, NumericArray(tensor))
  }

  /// Adds a constant list of integers.
  mutating func constant(_ integers: [Int]) -> String {
    constant(
      "ints_" + integers.map(String.init).joined(separator: "_"),
      NumericArray(integers: integers, shape: [integers.count]))
  }

  /// Adds a constant number.
  mutating func constant(_ number: Float) -> String { constant("float_\(number)", Tensor(number)) }

  private mutating func constant(_ name: String, _ array: NumericArray) -> String {
    if constants.updateValue(array, forKey: name) == nil { order.append(name) }
    return name
  }

  /// `GraphProto` of onnx.proto.
  func message(named name: String) -> ProtobufMessage {
    var graph = ProtobufMessage()
    for node in nodes { graph.add(1, node.message) }
    graph.add(2, name)
    for name in order {
      guard let array = constants[name] else { continue }
      var tensor = ProtobufMessage()
      for size in array.shape { tensor.add(1, size) }
      tensor.add(2, array.type == .int64 ? 7 : 1)
      tensor.add(8, name)
      tensor.add(9, array.bytes)
      graph.add(5, tensor)
    }
    for input in inputs { graph.add(11, input) }
    for output in outputs { graph.add(12, output) }
    return graph
  }

  /// `ValueInfoProto` of a tensor of floats.
  private static func value(_ name: String, _ dimensions: [Dimension]) -> ProtobufMessage {
    var (shape, tensor, type) = (ProtobufMessage(), ProtobufMessage(), ProtobufMessage())
    for size in dimensions {
      var dimension = ProtobufMessage()
      switch size {
      case .fixed(let count): dimension.add(1, count)
      case .named(let name): dimension.add(2, name)
      }
      shape.add(1, dimension)
    }
    tensor.add(1, 1)
    tensor.add(2, shape)
    type.add(1, tensor)
    var value = ProtobufMessage()
    value.add(1, name)
    value.add(2, type)
    return value
  }
}
