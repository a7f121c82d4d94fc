/// Why predictions cannot be scored.
public struct MetricsError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The measure, what was expected and what was found.
  public let description: String

  /// Whether a label of the truth is at fault, and not what is scored.
  public let isInTruth: Bool

  init(_ description: String, isInTruth: Bool = false) {
    (self.description, self.isInTruth) = (description, isInTruth)
  }
}
