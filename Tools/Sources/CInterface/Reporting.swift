/// What is wrong with a caller's arguments.
struct ArgumentError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Runs a function's body; an error becomes text in the caller's buffer and the result 1.
func reporting(
  _ error: UnsafeMutablePointer<CChar>?, _ size: Int64, _ body: () throws -> Void
) -> Int32 {
  do {
    try body()
    return 0
  } catch let thrown {
    guard let error = unsafe error, size > 0 else { return 1 }
    let text = "\(thrown)".utf8.prefix(Int(size) - 1)
    // Safe: the caller's buffer holds `size` bytes.
    for (index, byte) in text.enumerated() { unsafe error[index] = CChar(bitPattern: byte) }
    unsafe error[text.count] = 0
    return 1
  }
}

/// Stops with an error where a condition on the arguments does not hold.
func expect(_ condition: Bool, _ message: @autoclosure () -> String) throws {
  guard condition else { throw ArgumentError(message()) }
}
