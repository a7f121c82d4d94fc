/// Why data cannot be used: the file (and line), what was expected and what was found.
public struct DatasetError: Error, Hashable, CustomStringConvertible {
  /// `path: what is wrong`, or `path:line: what is wrong`.
  public let description: String

  init(_ path: String, line: Int? = nil, _ what: String) {
    description = line.map { "\(path):\($0): \(what)" } ?? "\(path): \(what)"
  }

  init(description: String) { self.description = description }
}
