/// Why a file cannot be read or written: the file, what was expected and what was found.
public struct TensorIOError: Error, Hashable, CustomStringConvertible {
  /// `path: what is wrong`.
  public let description: String
  /// Whether the system refused to read or write; otherwise the file's contents are at fault.
  public let isInputOutput: Bool

  init(_ path: String, _ what: String, isInputOutput: Bool = true) {
    description = "\(path): \(what)"
    self.isInputOutput = isInputOutput
  }
}

/// What is wrong with some bytes; the reader of the file adds its name.
struct FormatError: Error {
  let what: String

  init(_ what: String) { self.what = what }

  /// Runs a parser and names the file in what it throws.
  static func naming<Result>(
    _ path: String, _ parse: () throws(FormatError) -> Result
  ) throws(TensorIOError) -> Result {
    do throws(FormatError) {
      return try parse()
    } catch {
      throw TensorIOError(path, error.what, isInputOutput: false)
    }
  }
}
