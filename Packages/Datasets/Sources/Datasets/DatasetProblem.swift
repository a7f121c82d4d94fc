/// Something wrong with a data set: where it is and what.
public struct DatasetProblem: Hashable, Sendable, Codable, CustomStringConvertible {
  /// How much it matters.
  public enum Severity: String, Hashable, Sendable, Codable {
    /// Worth knowing; training works.
    case warning
    /// Training or evaluation would stop or be wrong.
    case error
  }

  /// How much it matters.
  public let severity: Severity
  /// The file or folder it is in.
  public let path: String
  /// The line of a text file.
  public let line: Int?
  /// What was expected and what was found.
  public let what: String

  /// `path:line: what`.
  public var description: String {
    line.map { "\(path):\($0): \(what)" } ?? "\(path): \(what)"
  }
}

/// Problems found while a source is read.
struct ProblemLog {
  private(set) var problems: [DatasetProblem] = []

  mutating func error(_ path: String, line: Int? = nil, _ what: String) {
    problems.append(DatasetProblem(severity: .error, path: path, line: line, what: what))
  }

  mutating func warning(_ path: String, line: Int? = nil, _ what: String) {
    problems.append(DatasetProblem(severity: .warning, path: path, line: line, what: what))
  }

  mutating func error(_ error: DatasetError) { problems.append(error.problem) }

  mutating func append(_ other: ProblemLog) { append(other.problems) }

  mutating func append(_ others: [DatasetProblem]) { problems += others }

  /// The problems; where a source must be sound, errors are thrown, the first ten in full.
  func result(isStrict: Bool) throws(DatasetError) -> [DatasetProblem] {
    let errors = problems.filter { $0.severity == .error }
    guard isStrict && !errors.isEmpty else { return problems }
    throw DatasetError(errors)
  }
}
