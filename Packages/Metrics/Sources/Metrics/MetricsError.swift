/// Why predictions cannot be scored.
public struct MetricsError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The measure, what was expected and what was found.
  public let description: String

  init(_ description: String) { self.description = description }
}
