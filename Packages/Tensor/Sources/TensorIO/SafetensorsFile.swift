/// Hugging Face's `.safetensors`: named arrays behind a JSON header. Our checkpoint format.
///
/// Format: 8 bytes of header length, the header, the data. Offsets are checked strictly: the
/// arrays must fill the data without a gap or an overlap.
public struct SafetensorsFile: Sendable {
  /// The arrays by name.
  public var arrays: [String: NumericArray]
  /// Free text by name.
  public var metadata: [String: String]

  /// Creates the contents of a file.
  public init(_ arrays: [String: NumericArray], metadata: [String: String] = [:]) {
    self.arrays = arrays
    self.metadata = metadata
  }

  /// Reads a file; it is mapped, and no array is copied.
  ///
  /// - Throws: `TensorIOError` naming the file, the array and what is wrong with it.
  public init(reading path: String) throws(TensorIOError) {
    let bytes = try Bytes(mapping: path)
    self = try FormatError.naming(path) { () throws(FormatError) in try Self(decoding: bytes) }
  }

  private static let names: [DataType: String] = [
    .float16: "F16", .bfloat16: "BF16", .float32: "F32", .float64: "F64", .int8: "I8",
    .int16: "I16", .int32: "I32", .int64: "I64", .uint8: "U8", .uint16: "U16", .uint32: "U32",
    .uint64: "U64", .bool: "BOOL",
  ]
  private static let types = Dictionary(uniqueKeysWithValues: names.map { ($1, $0) })

  init(decoding bytes: Bytes) throws(FormatError) {
    guard let length = bytes.integer(0, size: 8) else {
      throw FormatError("is not a .safetensors file: it has \(bytes.count) bytes")
    }
    guard length <= 100_000_000, let header = bytes.slice(8, Int(length)) else {
      // Zip archives begin so.
      if bytes.slice(0, 4)?.text == "PK\u{3}\u{4}" {
        throw FormatError("is a zip archive, as .pth and .npz are, not a .safetensors file")
      }
      throw FormatError(
        "is not a .safetensors file, or a damaged one: claims a header of \(length) bytes, the file "
          + "has \(bytes.count)")
    }
    var parser = JSONParser(header)
    guard case .object(let members) = try parser.document() else {
      throw FormatError("has a header that is no JSON object")
    }
    arrays = [:]
    metadata = [:]
    let start = 8 + Int(length)
    var extents: [(start: Int, end: Int, name: String)] = []
    for (name, value) in members {
      if name == "__metadata__" {
        metadata = try Self.metadata(value)
        continue
      }
      let (type, shape, first, last) = try Self.entry(name, value)
      guard let size = NumericArray.byteCount(type, shape), first >= 0, last >= first,
        size == last - first
      else {
        throw FormatError(
          "gives '\(name)' of shape \(shape) and type \(type) the bytes \(first)..<\(last)")
      }
      guard let body = bytes.slice(start, bytes.count - start)?.slice(first, size) else {
        throw FormatError(
          "gives '\(name)' the bytes \(first)..<\(last), the data has \(bytes.count - start)")
      }
      extents.append((first, last, name))
      arrays[name] = NumericArray(type, shape, body)
    }
    try Self.checkFilled(extents, bytes.count - start)
  }

  private static func checkFilled(
    _ extents: [(start: Int, end: Int, name: String)], _ size: Int
  ) throws(FormatError) {
    var end = 0
    for extent in extents.sorted(by: { ($0.start, $0.end) < ($1.start, $1.end) }) {
      guard extent.start == end else {
        throw FormatError(
          "leaves or shares the bytes between \(min(end, extent.start)) and "
            + "\(max(end, extent.start)), at '\(extent.name)'")
      }
      end = extent.end
    }
    guard end == size else {
      throw FormatError("holds \(size) bytes of data, its arrays take \(end)")
    }
  }

  private static func metadata(_ value: JSONValue) throws(FormatError) -> [String: String] {
    guard case .object(let members) = value else {
      throw FormatError("has metadata that is no object")
    }
    var metadata: [String: String] = [:]
    for (key, value) in members {
      guard case .string(let text) = value else {
        throw FormatError("has metadata '\(key)' that is no string")
      }
      metadata[key] = text
    }
    return metadata
  }

  private static func entry(
    _ name: String, _ value: JSONValue
  ) throws(FormatError) -> (DataType, [Int], Int, Int) {
    guard case .object(let members) = value else {
      throw FormatError("describes '\(name)' by no object")
    }
    var fields: [String: JSONValue] = [:]
    for (key, value) in members { fields[key] = value }
    guard case .string(let typeName)? = fields["dtype"], let sizes = fields["shape"]?.integers,
      let offsets = fields["data_offsets"]?.integers, offsets.count == 2, fields.count == 3
    else { throw FormatError("describes '\(name)' without dtype, shape and data_offsets") }
    guard let type = types[typeName] else {
      throw FormatError("gives '\(name)' the unknown dtype '\(typeName)'")
    }
    return (type, sizes, offsets[0], offsets[1])
  }

  /// Writes the file, arrays in the order of their names, data aligned to 8 bytes.
  ///
  /// - Throws: `TensorIOError` where the file cannot be written; nothing is left behind then.
  public func write(to path: String) throws(TensorIOError) {
    var entries: [String] = []
    if !metadata.isEmpty {
      let texts = metadata.sorted { $0.key < $1.key }.map {
        "\($0.key.jsonQuoted):\($0.value.jsonQuoted)"
      }
      entries.append("\"__metadata__\":{\(texts.joined(separator: ","))}")
    }
    var parts: [Bytes] = []
    var offset = 0
    // Larger elements first, so that every array is aligned to its own.
    let ordered = arrays.sorted {
      ($1.value.type.size, $0.key) < ($0.value.type.size, $1.key)
    }
    for (name, array) in ordered {
      let end = offset + array.bytes.count
      entries.append(
        "\(name.jsonQuoted):{\"dtype\":\"\(Self.names[array.type] ?? "")\",\"shape\":["
          + array.shape.map(String.init).joined(separator: ",")
          + "],\"data_offsets\":[\(offset),\(end)]}")
      parts.append(array.bytes)
      offset = end
    }
    var header = Array("{\(entries.joined(separator: ","))}".utf8)
    header += [UInt8](repeating: 0x20, count: (8 - header.count % 8) % 8)
    let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
    try AtomicFile.write(path, [Bytes(length + header)] + parts)
  }
}
