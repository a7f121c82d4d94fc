internal import Foundation
internal import TensorIO

/// Walks over a JSON text in place, so that half a gigabyte of annotations needs no tree.
///
/// Members that are not asked for are skipped; skipped text is checked for brackets and strings only.
@safe struct JSONScanner {
  private let bytes: UnsafeRawBufferPointer
  private let path: String
  /// The byte looked at next.
  private(set) var position: Int

  /// Scans `bytes` from a byte on; they must outlive the scanner.
  init(_ bytes: UnsafeRawBufferPointer, path: String, at position: Int = 0) {
    unsafe self.bytes = bytes
    self.path = path
    self.position = position
  }

  /// The byte at the position; 0 at the end.
  private var byte: UInt8 {
    // Safe: checked here, and every access comes through here.
    unsafe position < bytes.count ? bytes[position] : 0
  }

  func broken(_ what: String) -> DatasetError {
    DatasetError(path, "is not the JSON expected: \(what) at byte \(position)")
  }

  /// An error in a value that is JSON but not what it should be.
  func invalid(_ what: String) -> DatasetError {
    DatasetError(path, "the outline before byte \(position): \(what)")
  }

  private mutating func skipSpace() {
    while byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
  }

  /// Takes a character after white space, where it is there.
  mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard byte == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  /// The next character after white space, not taken.
  mutating func next(is character: Unicode.Scalar) -> Bool {
    skipSpace()
    return byte == UInt8(ascii: character)
  }

  /// Nothing but white space may be left.
  mutating func end() throws(DatasetError) {
    skipSpace()
    if unsafe position < bytes.count { throw broken("text after the end") }
  }

  /// Calls `member` with each key of an object; it must take or skip the value.
  mutating func object(
    _ member: (String, inout JSONScanner) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    guard take("{") else { throw broken("expected an object") }
    if take("}") { return }
    repeat {
      let key = try string()
      guard take(":") else { throw broken("expected ':'") }
      try member(key, &self)
    } while take(",")
    guard take("}") else { throw broken("expected ',' or '}'") }
  }

  /// Calls `element` before each value of an array; it must take or skip the value.
  mutating func array(
    _ element: (inout JSONScanner) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    guard take("[") else { throw broken("expected an array") }
    if take("]") { return }
    repeat { try element(&self) } while take(",")
    guard take("]") else { throw broken("expected ',' or ']'") }
  }

  mutating func string() throws(DatasetError) -> String {
    guard take("\"") else { throw broken("expected a string") }
    let start = position
    try skipString()
    // Safe: `skipString` stays within the bytes.
    let text = unsafe UnsafeRawBufferPointer(rebasing: bytes[start..<position - 1])
    if unsafe !text.contains(0x5c) {
      guard let string = unsafe String(validating: text, as: UTF8.self) else {
        throw broken("a string that is not UTF-8")
      }
      return string
    }
    // Escapes are rare: Foundation knows them.
    let quoted = unsafe [0x22] + Array(text) + [0x22]
    guard let string = try? JSONDecoder().decode(String.self, from: Data(quoted)) else {
      throw broken("a string with a broken escape")
    }
    return string
  }

  /// The bytes of a string without escapes.
  mutating func rawString() throws(DatasetError) -> [UInt8] {
    let text = try string()
    return Array(text.utf8)
  }

  private mutating func skipString() throws(DatasetError) {
    while byte != 0x22 {
      guard byte >= 0x20 else { throw broken("a string that does not end") }
      position += byte == 0x5c ? 2 : 1
    }
    position += 1
  }

  mutating func number() throws(DatasetError) -> Double {
    skipSpace()
    let start = position
    var (mantissa, digits, decimals) = (UInt64(0), 0, 0)
    var isPlain = true
    let isNegative = byte == UInt8(ascii: "-")
    if isNegative { position += 1 }
    var isFraction = false
    while true {
      switch byte {
      case 0x30...0x39:
        if digits < 18 { mantissa = mantissa * 10 + UInt64(byte - 0x30) }
        digits += 1
        if isFraction { decimals += 1 }
      case UInt8(ascii: ".") where !isFraction: isFraction = true
      case UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"), UInt8(ascii: "-"):
        isPlain = false
      default:
        guard digits > 0 else { throw broken("expected a number") }
        // Both are exact in Double, so one division rounds as it should.
        if isPlain && digits <= 15 && decimals <= 15 {
          let value = Double(mantissa) / Self.powersOfTen[decimals]
          return isNegative ? -value : value
        }
        // Safe: the range was walked over.
        let text = unsafe String(decoding: bytes[start..<position], as: UTF8.self)
        guard let value = Double(text), value.isFinite else {
          throw broken("expected a number, found '\(text.prefix(40))'")
        }
        return value
      }
      position += 1
    }
  }

  private static let powersOfTen: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
  ]

  mutating func integer() throws(DatasetError) -> Int {
    let start = position
    let value = try number()
    guard let integer = Int(exactly: value), (-1 << 53...1 << 53).contains(integer) else {
      position = start
      throw broken("expected a whole number")
    }
    return integer
  }

  /// Skips a value of any kind.
  mutating func skip() throws(DatasetError) {
    skipSpace()
    // The kinds of the open brackets, as bits.
    var open: [UInt8] = []
    repeat {
      skipSpace()
      switch byte {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        open.append(byte == UInt8(ascii: "{") ? UInt8(ascii: "}") : UInt8(ascii: "]"))
        guard open.count <= 512 else { throw broken("too many levels") }
        position += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        guard open.last == byte else { throw broken("an unexpected bracket") }
        open.removeLast()
        position += 1
      case 0x22:
        position += 1
        try skipString()
      case UInt8(ascii: ","), UInt8(ascii: ":"):
        guard !open.isEmpty else { throw broken("expected a value") }
        position += 1
      default: try skipWord()
      }
    } while !open.isEmpty
  }

  /// A number, `true`, `false` or `null`.
  private mutating func skipWord() throws(DatasetError) {
    let start = position
    while true {
      switch byte {
      case 0x30...0x39, 0x61...0x7a, UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "E"):
        position += 1
      default:
        guard position > start else { throw broken("expected a value") }
        return
      }
    }
  }
}
