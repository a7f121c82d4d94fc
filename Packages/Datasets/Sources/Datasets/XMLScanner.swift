/// Walks over the elements and texts of a small XML file; strict about what it understands.
///
/// Attributes, comments, processing instructions and the document type are skipped; entities are
/// the five of XML and character numbers. (Foundation's XMLParser stops the program on some broken
/// files, which the fuzzer showed.)
struct XMLScanner {
  enum Event: Equatable {
    case start(String)
    case text(String)
    case end
  }

  private let bytes: [UInt8]
  private let path: String
  private var position = 0
  private var open: [String] = []
  private var isClosing = false
  private var hasRoot = false
  /// The line looked at, from 1.
  private(set) var line = 1

  init(_ bytes: [UInt8], path: String) {
    self.bytes = bytes
    self.path = path
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
  }

  private func broken(_ what: String) -> DatasetError {
    DatasetError(path, line: line, "is not valid XML: \(what)")
  }

  /// The next start, end or text; `nil` after the outermost element's end.
  mutating func next() throws(DatasetError) -> Event? {
    if isClosing {
      isClosing = false
      open.removeLast()
      return .end
    }
    while position < bytes.count {
      if bytes[position] != UInt8(ascii: "<") {
        if let text = try text() { return .text(text) }
      } else if skip("<!--") {
        guard skip(to: "-->") else { throw broken("a comment that does not end") }
      } else if skip("<![CDATA[") {
        let start = position
        guard !open.isEmpty, skip(to: "]]>") else {
          throw broken("a CDATA section that does not end")
        }
        return .text(try string(start..<position - 3))
      } else if skip("<?") {
        guard skip(to: "?>") else { throw broken("an instruction that does not end") }
      } else if !hasRoot && skip("<!DOCTYPE") {
        try skipDocumentType()
      } else if skip("</") {
        try end()
        return .end
      } else {
        return try start()
      }
    }
    guard hasRoot else { throw broken("no element") }
    if let name = open.last { throw broken("<\(name)> is not closed") }
    return nil
  }

  private mutating func advance(to end: Int) {
    for byte in bytes[position..<end] where byte == 0x0a { line += 1 }
    position = end
  }

  private mutating func skip(_ text: StaticString) -> Bool {
    guard matches(text, at: position) else { return false }
    advance(to: position + text.utf8CodeUnitCount)
    return true
  }

  private func matches(_ text: StaticString, at place: Int) -> Bool {
    bytes[place...].starts(with: "\(text)".utf8)
  }

  private mutating func skip(to text: StaticString) -> Bool {
    let first = "\(text)".utf8.first
    guard
      let place = bytes[position...].indices.first(where: {
        bytes[$0] == first && matches(text, at: $0)
      })
    else { return false }
    advance(to: place + text.utf8CodeUnitCount)
    return true
  }

  /// Skips a document type with the declarations in its brackets.
  private mutating func skipDocumentType() throws(DatasetError) {
    var depth = 0
    while position < bytes.count {
      let byte = bytes[position]
      advance(to: position + 1)
      if byte == UInt8(ascii: "[") { depth += 1 }
      if byte == UInt8(ascii: "]") { depth -= 1 }
      if byte == UInt8(ascii: ">") && depth <= 0 { return }
    }
    throw broken("a document type that does not end")
  }

  private func string(_ range: Range<Int>) throws(DatasetError) -> String {
    guard let text = String(validating: bytes[range], as: UTF8.self) else {
      throw broken("text that is not UTF-8")
    }
    return text
  }

  /// A name up to white space, `/` or `>`.
  private mutating func name() throws(DatasetError) -> String {
    let end = bytes[position...].firstIndex {
      $0 <= 0x20 || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ">") || $0 == UInt8(ascii: "<")
    }
    guard let end, end > position else { throw broken("a tag without a name") }
    defer { position = end }
    return try string(position..<end)
  }

  private mutating func start() throws(DatasetError) -> Event {
    guard !hasRoot || !open.isEmpty else { throw broken("a second element at the top") }
    position += 1
    let name = try name()
    hasRoot = true
    open.append(name)
    guard open.count <= 64 else { throw broken("more than 64 levels") }
    var quote: UInt8?
    while position < bytes.count {
      let byte = bytes[position]
      advance(to: position + 1)
      if let mark = quote {
        if byte == mark { quote = nil }
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        quote = byte
      } else if byte == UInt8(ascii: ">") {
        isClosing = bytes[position - 2] == UInt8(ascii: "/")
        return .start(name)
      } else if byte == UInt8(ascii: "<") {
        break
      }
    }
    throw broken("<\(name) has no '>'")
  }

  private mutating func end() throws(DatasetError) {
    let name = try name()
    let close = bytes[position...].firstIndex { $0 > 0x20 }
    guard let close, bytes[close] == UInt8(ascii: ">") else {
      throw broken("</\(name) has no '>'")
    }
    guard open.last == name else {
      throw broken("</\(name)> closes \(open.last.map { "<\($0)>" } ?? "nothing")")
    }
    advance(to: close + 1)
    open.removeLast()
  }

  /// Text up to the next tag; `nil` for white space outside of elements.
  private mutating func text() throws(DatasetError) -> String? {
    let end = bytes[position...].firstIndex(of: UInt8(ascii: "<")) ?? bytes.count
    let raw = try string(position..<end)
    guard !open.isEmpty else {
      guard raw.allSatisfy(\.isWhitespace) else { throw broken("text outside of elements") }
      advance(to: end)
      return nil
    }
    var text = ""
    var rest = raw[...]
    while let mark = rest.firstIndex(of: "&") {
      text += rest[..<mark]
      guard let semicolon = rest[mark...].firstIndex(of: ";"),
        let character = Self.entity(rest[rest.index(after: mark)..<semicolon])
      else { throw broken("an '&' that starts no known entity") }
      text.append(character)
      rest = rest[rest.index(after: semicolon)...]
    }
    advance(to: end)
    return text + rest
  }

  private static func entity(_ name: Substring) -> Character? {
    switch name {
    case "amp": return "&"
    case "lt": return "<"
    case "gt": return ">"
    case "quot": return "\""
    case "apos": return "'"
    default:
      let isHexadecimal = name.hasPrefix("#x")
      guard name.hasPrefix("#"),
        let code = UInt32(name.dropFirst(isHexadecimal ? 2 : 1), radix: isHexadecimal ? 16 : 10),
        let scalar = Unicode.Scalar(code)
      else { return nil }
      return Character(scalar)
    }
  }
}
