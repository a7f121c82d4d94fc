/// What stops a run: bad input data, or files that cannot be read or written.
public struct PipelineError: Error, CustomStringConvertible {
  /// What kind of failure it is; decides the program's exit code.
  public enum Kind: Sendable, Hashable {
    /// Data or settings that cannot be worked with.
    case data
    /// A file or folder that cannot be read, written or locked.
    case files
    /// Stopped on request; the run can be continued.
    case interrupted
  }

  /// What kind of failure it is.
  public let kind: Kind
  /// A sentence that names the file, key or picture.
  public let description: String

  /// Creates an error.
  public init(_ kind: Kind = .data, _ description: String) {
    self.kind = kind
    self.description = description
  }
}
