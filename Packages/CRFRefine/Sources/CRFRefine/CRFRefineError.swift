/// Input that cannot be refined: what was expected, and what was found.
public struct CRFRefineError: Error, CustomStringConvertible {
  /// A sentence that names the input.
  public let description: String
}
