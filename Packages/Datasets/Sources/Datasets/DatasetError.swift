/// Why data cannot be used: the file (and line), what was expected and what was found.
public struct DatasetError: Error, Hashable, CustomStringConvertible {
  /// `path: what is wrong`, or `path:line: what is wrong`.
  public let description: String
  /// Whether the system could not open, read or write a file or folder; else its content is wrong.
  public let isInputOutput: Bool

  init(_ path: String, line: Int? = nil, _ what: String, isInputOutput: Bool = false) {
    self.init(
      description: line.map { "\(path):\($0): \(what)" } ?? "\(path): \(what)",
      isInputOutput: isInputOutput)
  }

  init(description: String, isInputOutput: Bool = false) {
    self.description = description
    self.isInputOutput = isInputOutput
  }
}
