internal import TensorIO

/// A message in the wire format of Protocol Buffers, as far as ONNX needs it.
///
/// https://protobuf.dev/programming-guides/encoding
struct ProtobufMessage {
  private var parts: [Bytes] = []
  private var tail: [UInt8] = []

  /// The message's bytes, in stretches that follow each other; large fields are not copied.
  var bytes: [Bytes] { tail.isEmpty ? parts : parts + [Bytes(tail)] }

  mutating func add(_ field: Int, _ value: Int) {
    addKey(field, wireType: 0)
    addVarint(UInt64(bitPattern: Int64(value)))
  }

  mutating func add(_ field: Int, _ value: Float) {
    addKey(field, wireType: 5)
    let bits = value.bitPattern
    for shift in stride(from: 0, to: 32, by: 8) {
      tail.append(UInt8(truncatingIfNeeded: bits >> shift))
    }
  }

  mutating func add(_ field: Int, _ text: String) {
    addKey(field, wireType: 2)
    addVarint(UInt64(text.utf8.count))
    tail += Array(text.utf8)
  }

  mutating func add(_ field: Int, _ bytes: Bytes) { add(field, [bytes]) }

  mutating func add(_ field: Int, _ message: ProtobufMessage) { add(field, message.bytes) }

  private mutating func add(_ field: Int, _ stretches: [Bytes]) {
    addKey(field, wireType: 2)
    let count = stretches.reduce(0) { $0 + $1.count }
    addVarint(UInt64(count))
    if count < 4096 {
      for stretch in stretches { tail += stretch.array }
    } else {
      parts += [Bytes(tail)] + stretches
      tail = []
    }
  }

  private mutating func addKey(_ field: Int, wireType: Int) {
    addVarint(UInt64(field << 3 | wireType))
  }

  private mutating func addVarint(_ value: UInt64) {
    var rest = value
    while rest >= 128 {
      tail.append(UInt8(truncatingIfNeeded: rest) | 128)
      rest >>= 7
    }
    tail.append(UInt8(rest))
  }
}
