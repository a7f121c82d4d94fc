/// Stops the program with a message, in release builds too, when a caller broke a rule.
///
/// Use it at public entry points for programmer errors; anything that comes from outside the
/// program (files, configurations) throws instead.
///
/// The message says operation, values found and the rule broken, as in
/// `"matmul: [2, 3] by [4, 5]: inner dimensions differ"`.
@inlinable @inline(__always)
public func check(
  _ condition: Bool, _ message: @autoclosure () -> String, file: StaticString = #fileID,
  line: UInt = #line
) {
  if !condition { fatalError(message(), file: file, line: line) }
}
