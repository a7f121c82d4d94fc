/// Input that cannot be refined: what was expected, and what was found.
public struct CRFRefineError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A sentence that names the input.
  public let description: String
}

extension CRFRefineError {
  init(_ description: String) { self.init(description: description) }
}
