internal import TensorIO

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

  /// An error of reading or writing the file.
  init(_ path: String, _ error: TensorIOError) {
    let what = error.description.dropFirst(error.description.hasPrefix(path) ? path.count + 2 : 0)
    self.init(path, String(what), isInputOutput: error.isInputOutput)
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
