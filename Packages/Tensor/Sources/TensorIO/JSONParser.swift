/// A JSON value; whole numbers only, as headers hold them.
enum JSONValue {
  case object([(String, JSONValue)])
  case array([JSONValue])
  case string(String)
  case integer(Int)

  /// The whole numbers of an array.
  var integers: [Int]? {
    guard case .array(let values) = self else { return nil }
    var result: [Int] = []
    for value in values {
      guard case .integer(let number) = value else { return nil }
      result.append(number)
    }
    return result
  }
}

/// A strict parser of small JSON texts: no floats, no literals, four levels, no key twice.
struct JSONParser {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: Bytes) { self.bytes = bytes.array }

  mutating func document() throws(FormatError) -> JSONValue {
    let value = try value(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw broken("text after the end") }
    return value
  }

  private func broken(_ what: String) -> FormatError {
    FormatError("has a broken header: \(what) at byte \(position)")
  }

  private mutating func skipSpace() {
    while position < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[position]) {
      position += 1
    }
  }

  private mutating func take(_ character: Character) -> Bool {
    skipSpace()
    guard position < bytes.count, bytes[position] == character.asciiValue else { return false }
    position += 1
    return true
  }

  private mutating func value(depth: Int) throws(FormatError) -> JSONValue {
    guard depth < 4 else { throw broken("too many levels") }
    skipSpace()
    guard position < bytes.count else { throw broken("the text ends") }
    if take("{") { return try object(depth) }
    if take("[") {
      var values: [JSONValue] = []
      if take("]") { return .array(values) }
      repeat { values.append(try value(depth: depth + 1)) } while take(",")
      guard take("]") else { throw broken("expected ']'") }
      return .array(values)
    }
    if bytes[position] == 0x22 { return .string(try string()) }
    let start = position
    while position < bytes.count,
      bytes[position] == 0x2d || (0x30...0x39).contains(bytes[position])
    { position += 1 }
    guard let number = Int(String(decoding: bytes[start..<position], as: UTF8.self)) else {
      throw broken("expected a whole number, a string, an array or an object")
    }
    return .integer(number)
  }

  private mutating func object(_ depth: Int) throws(FormatError) -> JSONValue {
    var members: [(String, JSONValue)] = []
    var keys: Set<String> = []
    if take("}") { return .object(members) }
    repeat {
      skipSpace()
      let key = try string()
      guard keys.insert(key).inserted else { throw broken("'\(key)' for the second time") }
      guard take(":") else { throw broken("expected ':'") }
      members.append((key, try value(depth: depth + 1)))
    } while take(",")
    guard take("}") else { throw broken("expected '}'") }
    return .object(members)
  }

  private mutating func string() throws(FormatError) -> String {
    guard position < bytes.count, bytes[position] == 0x22 else { throw broken("expected a string") }
    position += 1
    var text: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case 0x22:
        guard let string = String(validating: text, as: UTF8.self) else {
          throw broken("a string that is not UTF-8")
        }
        return string
      case 0x5c: text += try escape()
      case 0..<0x20: throw broken("a control character in a string")
      default: text.append(byte)
      }
    }
    throw broken("a string does not end")
  }

  private mutating func escape() throws(FormatError) -> [UInt8] {
    guard position < bytes.count else { throw broken("a string does not end") }
    let byte = bytes[position]
    position += 1
    switch byte {
    case 0x22, 0x5c, 0x2f: return [byte]
    case 0x62: return [8]
    case 0x66: return [12]
    case 0x6e: return [10]
    case 0x72: return [13]
    case 0x74: return [9]
    case 0x75:
      var code = try hexadecimal()
      if (0xd800..<0xdc00).contains(code) {
        guard position + 1 < bytes.count, bytes[position] == 0x5c, bytes[position + 1] == 0x75
        else { throw broken("half a character") }
        position += 2
        let low = try hexadecimal()
        guard (0xdc00..<0xe000).contains(low) else { throw broken("half a character") }
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw broken("half a character") }
      return Array(String(Character(scalar)).utf8)
    default: throw broken("an unknown escape")
    }
  }

  private mutating func hexadecimal() throws(FormatError) -> UInt32 {
    guard position + 4 <= bytes.count,
      let code = UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
    else { throw broken("expected four hexadecimal digits") }
    position += 4
    return code
  }
}
