/// The Python dictionary at the start of a `.npy` file.
struct NPYHeader {
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  let descriptor: String
  let isFortranOrder: Bool
  let shape: [Int]
  /// Bytes before the elements.
  let length: Int

  static let types: [String: (DataType, isBigEndian: Bool)] = {
    var types: [String: (DataType, isBigEndian: Bool)] = [:]
    for type in DataType.allCases {
      guard let descriptor = descriptor(type) else { continue }
      let code = descriptor.dropFirst()
      types["<\(code)"] = (type, false)
      types[">\(code)"] = (type, true)
      types["=\(code)"] = (type, false)
      if type.size == 1 { types["|\(code)"] = (type, false) }
    }
    return types
  }()

  static func descriptor(_ type: DataType) -> String? {
    switch type {
    case .bool: "|b1"
    case .bfloat16: nil
    case .float16, .float32, .float64: "<f\(type.size)"
    case .int8: "|i1"
    case .uint8: "|u1"
    case .int16, .int32, .int64: "<i\(type.size)"
    case .uint16, .uint32, .uint64: "<u\(type.size)"
    }
  }

  var holdsObject: Bool { descriptor == "|O" }

  init(_ bytes: Bytes) throws(FormatError) {
    guard let start = bytes.slice(0, 8), Array(start.array.prefix(6)) == Self.magic else {
      throw FormatError("is not a .npy file: it does not start with \\x93NUMPY")
    }
    let version = start[6]
    guard (1...3).contains(version) else {
      throw FormatError("is of .npy version \(version), expected 1, 2 or 3")
    }
    let sizeBytes = version == 1 ? 2 : 4
    guard let size = bytes.integer(8, size: sizeBytes), size <= 1 << 20,
      let header = bytes.slice(8 + sizeBytes, Int(size))
    else { throw FormatError("ends within its header") }
    guard let text = header.text else { throw FormatError("has a header that is not text") }
    length = 8 + sizeBytes + Int(size)
    var literal = PythonLiteral(text)
    (descriptor, isFortranOrder, shape) = try literal.header()
  }
}

/// Reads the one Python literal that a header is:
/// `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
private struct PythonLiteral {
  private let characters: [Character]
  private var position = 0

  init(_ text: String) { characters = Array(text) }

  mutating func header() throws(FormatError) -> (String, Bool, [Int]) {
    var (descriptor, order, shape): (String?, Bool?, [Int]?)
    try expect("{")
    while !take("}") {
      let key = try string()
      try expect(":")
      switch key {
      case "descr": descriptor = try string()
      case "fortran_order": order = try boolean()
      case "shape": shape = try tuple()
      default: throw FormatError("has the unknown header key '\(key)'")
      }
      if !take(",") {
        try expect("}")
        break
      }
    }
    guard let descriptor, let order, let shape else {
      throw FormatError("has a header without descr, fortran_order or shape")
    }
    return (descriptor, order, shape)
  }

  private mutating func skipSpace() {
    while position < characters.count, characters[position].isWhitespace { position += 1 }
  }

  private mutating func take(_ character: Character) -> Bool {
    skipSpace()
    guard position < characters.count, characters[position] == character else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ character: Character) throws(FormatError) {
    guard take(character) else {
      throw FormatError("has a broken header: expected '\(character)' at character \(position)")
    }
  }

  private mutating func string() throws(FormatError) -> String {
    skipSpace()
    guard position < characters.count, ["'", "\""].contains(characters[position]) else {
      throw FormatError("has a broken header: expected a string at character \(position)")
    }
    let quote = characters[position]
    guard let end = characters[(position + 1)...].firstIndex(of: quote) else {
      throw FormatError("has a broken header: a string does not end")
    }
    defer { position = end + 1 }
    return String(characters[(position + 1)..<end])
  }

  private mutating func word() -> String {
    skipSpace()
    let start = position
    while position < characters.count,
      characters[position].isLetter || characters[position].isNumber || characters[position] == "-"
    { position += 1 }
    return String(characters[start..<position])
  }

  private mutating func boolean() throws(FormatError) -> Bool {
    let word = word()
    guard word == "True" || word == "False" else {
      throw FormatError("has a broken header: '\(word)', expected True or False")
    }
    return word == "True"
  }

  private mutating func tuple() throws(FormatError) -> [Int] {
    try expect("(")
    var sizes: [Int] = []
    while !take(")") {
      var text = word()
      if text.hasSuffix("L") { text.removeLast() }
      guard let size = Int(text), size >= 0, sizes.count < 64 else {
        throw FormatError("has a broken header: '\(text)' as a size")
      }
      sizes.append(size)
      if !take(",") {
        try expect(")")
        break
      }
    }
    return sizes
  }
}
