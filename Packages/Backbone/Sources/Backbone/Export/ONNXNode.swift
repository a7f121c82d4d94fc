internal import TensorIO

/// One operation of an ONNX graph.
struct ONNXNode {
  /// What an attribute may hold.
  enum Attribute {
    case int(Int)
    case float(Float)
    case string(String)
    case ints([Int])
  }

  let operation: String
  let name: String
  let inputs: [String]
  let output: String
  let attributes: KeyValuePairs<String, Attribute>

  /// `NodeProto` of onnx.proto.
  var message: ProtobufMessage {
    var node = ProtobufMessage()
    for input in inputs { node.add(1, input) }
    node.add(2, output)
    node.add(3, name)
    node.add(4, operation)
    for (name, value) in attributes {
      var attribute = ProtobufMessage()
      attribute.add(1, name)
      switch value {
      case .int(let int):
        attribute.add(3, int)
        attribute.add(20, 2)
      case .float(let float):
        attribute.add(2, float)
        attribute.add(20, 1)
      case .string(let text):
        attribute.add(4, text)
        attribute.add(20, 3)
      case .ints(let ints):
        for int in ints { attribute.add(8, int) }
        attribute.add(20, 7)
      }
      node.add(5, attribute)
    }
    return node
  }
}
