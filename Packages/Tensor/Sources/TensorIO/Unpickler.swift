/// What a pickle may call and refer to; anything else is refused by its name.
protocol PickleResolver {
  /// Whether a class or function may be named.
  func allows(_ name: String) -> Bool
  /// The result of calling it.
  mutating func call(
    _ name: String, _ arguments: [Pickle.Value], _ pickle: inout Pickle
  ) throws(FormatError) -> Pickle.Value
  /// What a persistent reference stands for.
  mutating func persistent(
    _ id: Pickle.Value, _ pickle: inout Pickle
  ) throws(FormatError) -> Pickle.Value
  /// The value after its state was set.
  mutating func build(
    _ value: Pickle.Value, _ state: Pickle.Value, _ pickle: inout Pickle
  ) throws(FormatError) -> Pickle.Value
}

/// A machine for Python's pickles, protocols 0 to 5, that builds data and runs nothing.
///
/// Format: Python's Lib/pickletools.py. Memory stays in proportion to the file: lengths are checked
/// against it, and every operation that makes a value takes a byte of it.
struct Unpickler<Resolver: PickleResolver> {
  private let bytes: Bytes
  private var position = 0
  private var stack: [Pickle.Value] = []
  private var marks: [Int] = []
  private var memo: [Int: Pickle.Value] = [:]
  private var pickle = Pickle()
  private var resolver: Resolver

  /// Where the pickle ended.
  var end: Int { position }
  /// The resolver with what it learned.
  var finishedResolver: Resolver { resolver }

  init(_ bytes: Bytes, from start: Int = 0, resolver: Resolver) {
    self.bytes = bytes
    position = start
    self.resolver = resolver
  }

  mutating func run() throws(FormatError) -> Pickle {
    while true {
      let at = position
      let code = try byte()
      if code == UInt8(ascii: ".") {
        pickle.root = try pop()
        return pickle
      }
      try step(code, at)
    }
  }

  private mutating func step(_ code: UInt8, _ at: Int) throws(FormatError) {
    switch Character(Unicode.Scalar(code)) {
    case "\u{80}": _ = try byte()
    case "\u{95}": _ = try take(8)
    case "(": marks.append(stack.count)
    case "0":
      if marks.last == stack.count { marks.removeLast() } else { _ = try pop() }
    case "1": _ = try popToMark()
    case "2":
      let top = try pop()
      stack += [top, top]
    case "N": stack.append(.none)
    case "\u{88}": stack.append(.boolean(true))
    case "\u{89}": stack.append(.boolean(false))
    case "J": stack.append(.integer(Int(Int32(truncatingIfNeeded: try little(4)))))
    case "K": stack.append(.integer(Int(try byte())))
    case "M": stack.append(.integer(Int(try little(2))))
    case "I", "L": stack.append(try integerLine())
    case "\u{8a}": stack.append(try long(Int(try byte())))
    case "\u{8b}": stack.append(try long(Int(try little(4))))
    case "F":
      let text = try line()
      guard let value = Double(text) else { throw FormatError("has '\(text)' as a float") }
      stack.append(.number(value))
    case "G":
      let bits = try take(8).array.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      stack.append(.number(Double(bitPattern: bits)))
    case "S":
      let text = try line()
      guard text.count >= 2, let quote = text.first, quote == text.last, "'\"".contains(quote),
        !text.contains("\\")
      else { throw FormatError("has a string it does not end, or with an escape, at byte \(at)") }
      stack.append(.string(String(text.dropFirst().dropLast())))
    case "V": stack.append(.string(try line()))
    case "T": stack.append(.bytes(try take(Int(try little(4)))).asText)
    case "U": stack.append(.bytes(try take(Int(try byte()))).asText)
    case "X": stack.append(.string(try text(Int(try little(4)))))
    case "\u{8c}": stack.append(.string(try text(Int(try byte()))))
    case "\u{8d}": stack.append(.string(try text(try length8())))
    case "B": stack.append(.bytes(try take(Int(try little(4)))))
    case "C": stack.append(.bytes(try take(Int(try byte()))))
    case "\u{8e}", "\u{96}": stack.append(.bytes(try take(try length8())))
    case "]", "\u{8f}", ")": stack.append(newSequence([]))
    case "l", "t", "\u{91}": stack.append(newSequence(try popToMark()))
    case "\u{85}": stack.append(newSequence(try pop(1)))
    case "\u{86}": stack.append(newSequence(try pop(2)))
    case "\u{87}": stack.append(newSequence(try pop(3)))
    case "a": try extend(try pop(1), pairs: false)
    case "e", "\u{90}": try extend(try popToMark(), pairs: false)
    case "}": stack.append(newDictionary([]))
    case "d": stack.append(newDictionary(try popToMark()))
    case "s": try extend(try pop(2), pairs: true)
    case "u": try extend(try popToMark(), pairs: true)
    case "p": memo[try indexLine()] = try top()
    case "q": memo[Int(try byte())] = try top()
    case "r": memo[Int(try little(4))] = try top()
    case "\u{94}": memo[memo.count] = try top()
    case "g": stack.append(try recall(try indexLine()))
    case "h": stack.append(try recall(Int(try byte())))
    case "j": stack.append(try recall(Int(try little(4))))
    case "c":
      let module = try line()
      stack.append(try callable("\(module).\(try line())"))
    case "\u{93}":
      let names = try pop(2)
      guard case .string(let module) = names[0], case .string(let name) = names[1] else {
        throw FormatError("names a class by something that is no text, at byte \(at)")
      }
      stack.append(try callable("\(module).\(name)"))
    case "R", "\u{81}":
      let parts = try pop(2)
      guard case .callable(let name) = parts[0], case .sequence(let index) = parts[1] else {
        throw FormatError("calls something that is no function, at byte \(at)")
      }
      stack.append(try resolver.call(name, pickle.arena[index], &pickle))
    case "b":
      let parts = try pop(2)
      stack.append(try resolver.build(parts[0], parts[1], &pickle))
    case "Q": stack.append(try resolver.persistent(try pop(), &pickle))
    case "P": stack.append(try resolver.persistent(.string(try line()), &pickle))
    default:
      throw FormatError(
        "uses the pickle operation 0x\(String(code, radix: 16)) at byte \(at), which is not read")
    }
  }

  // Values.

  private func callable(_ name: String) throws(FormatError) -> Pickle.Value {
    guard resolver.allows(name) else {
      throw FormatError("refuses '\(name)': only arrays and plain containers are read")
    }
    return .callable(name)
  }

  private mutating func newSequence(_ items: [Pickle.Value]) -> Pickle.Value {
    pickle.arena.append(items)
    return .sequence(pickle.arena.count - 1)
  }

  private mutating func newDictionary(_ flat: [Pickle.Value]) -> Pickle.Value {
    pickle.arena.append(flat)
    return .dictionary(pickle.arena.count - 1)
  }

  private mutating func extend(_ items: [Pickle.Value], pairs: Bool) throws(FormatError) {
    switch try top() {
    case .sequence(let index) where !pairs: pickle.arena[index] += items
    case .dictionary(let index) where pairs && items.count % 2 == 0:
      pickle.arena[index] += items
    default: throw FormatError("adds to a value that is no container, before byte \(position)")
    }
  }

  private func recall(_ index: Int) throws(FormatError) -> Pickle.Value {
    guard let value = memo[index] else {
      throw FormatError("recalls value \(index), which it never stored")
    }
    return value
  }

  // The stack.

  private func top() throws(FormatError) -> Pickle.Value {
    guard let value = stack.last, stack.count > marks.last ?? 0 else { throw underflow }
    return value
  }

  private mutating func pop() throws(FormatError) -> Pickle.Value {
    guard stack.count > marks.last ?? 0, let value = stack.popLast() else { throw underflow }
    return value
  }

  private mutating func pop(_ count: Int) throws(FormatError) -> [Pickle.Value] {
    guard stack.count - count >= marks.last ?? 0 else { throw underflow }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private mutating func popToMark() throws(FormatError) -> [Pickle.Value] {
    guard let mark = marks.popLast() else { throw underflow }
    defer { stack.removeSubrange(mark...) }
    return Array(stack[mark...])
  }

  private var underflow: FormatError {
    FormatError("is a damaged pickle: a value is missing before byte \(position)")
  }

  // The bytes.

  private mutating func byte() throws(FormatError) -> UInt8 { try take(1)[0] }

  private mutating func take(_ count: Int) throws(FormatError) -> Bytes {
    guard let part = bytes.slice(position, count) else {
      throw FormatError("is a damaged pickle: it ends at byte \(bytes.count)")
    }
    position += count
    return part
  }

  private mutating func little(_ size: Int) throws(FormatError) -> UInt64 {
    try take(size).integer(0, size: size) ?? 0
  }

  private mutating func length8() throws(FormatError) -> Int {
    guard let length = Int(exactly: try little(8)) else {
      throw FormatError("is a damaged pickle: an impossible length before byte \(position)")
    }
    return length
  }

  private mutating func text(_ count: Int) throws(FormatError) -> String {
    guard let text = try take(count).text else {
      throw FormatError("is a damaged pickle: text that is not UTF-8 before byte \(position)")
    }
    return text
  }

  private mutating func line() throws(FormatError) -> String {
    var end = position
    while end < bytes.count, bytes[end] != 0x0a { end += 1 }
    let text = try text(end - position)
    _ = try byte()
    return text
  }

  private mutating func indexLine() throws(FormatError) -> Int {
    let text = try line()
    guard let index = Int(text) else { throw FormatError("has '\(text)' as an index") }
    return index
  }

  private mutating func integerLine() throws(FormatError) -> Pickle.Value {
    var text = try line()
    if text == "00" || text == "01" { return .boolean(text == "01") }
    if text.hasSuffix("L") { text.removeLast() }
    guard let value = Int(text) else { throw FormatError("has '\(text)' as an integer") }
    return .integer(value)
  }

  private mutating func long(_ size: Int) throws(FormatError) -> Pickle.Value {
    let bytes = try take(size).array
    guard let sign = bytes.last.map({ $0 >= 0x80 }) else { return .integer(0) }
    let fill: UInt8 = sign ? 0xff : 0
    // Beyond 64 bits only the sign may repeat. (Legacy files begin with an 80-bit magic number.)
    guard bytes.dropFirst(8).allSatisfy({ $0 == fill }),
      bytes.count <= 8 || (bytes[7] >= 0x80) == sign
    else { return .bytes(Bytes(bytes)) }
    var value: UInt64 = sign ? .max : 0
    for byte in bytes.prefix(8).reversed() { value = value << 8 | UInt64(byte) }
    return .integer(Int(bitPattern: UInt(value)))
  }
}

extension Pickle.Value {
  /// A Python 2 string as text where it is some.
  fileprivate var asText: Self {
    guard case .bytes(let bytes) = self, let text = bytes.text else { return self }
    return .string(text)
  }

  var integer: Int? { if case .integer(let value) = self { value } else { nil } }
  var string: String? { if case .string(let value) = self { value } else { nil } }
}
