/// Why data cannot be used: the file (and line), what was expected and what was found.
public struct DatasetError: Error, Hashable, CustomStringConvertible {
  /// `path: what is wrong`, or `path:line: what is wrong`; for several problems a line each, the
  /// first ten.
  public let description: String
  /// Whether the system could not open, read or write a file or folder; else its content is wrong.
  public let isInputOutput: Bool
  /// The problem, or the first of several.
  let problem: DatasetProblem

  init(_ path: String, line: Int? = nil, _ what: String, isInputOutput: Bool = false) {
    problem = DatasetProblem(severity: .error, path: path, line: line, what: what)
    description = problem.description
    self.isInputOutput = isInputOutput
  }

  /// An error whose text names its file, if any, before the first colon.
  init(description: String, isInputOutput: Bool = false) {
    let parts = description.split(separator: ": ", maxSplits: 1).map(String.init)
    problem = DatasetProblem(
      severity: .error, path: parts.count > 1 ? parts[0] : "the data set", line: nil,
      what: parts.last ?? "")
    self.description = description
    self.isInputOutput = isInputOutput
  }

  /// An error of the problems, of which there is one at least.
  init(_ problems: [DatasetProblem]) {
    var lines = problems.prefix(10).map(\.description)
    if problems.count > 10 { lines.append("and \(problems.count - 10) more problems") }
    problem = problems[0]
    description = lines.joined(separator: "\n")
    isInputOutput = false
  }
}
