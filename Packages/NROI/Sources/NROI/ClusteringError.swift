internal import Tensor

/// Why rows cannot be grouped.
public struct ClusteringError: Error, Hashable, CustomStringConvertible {
  /// What was expected and what was found.
  public let description: String

  static func notFinite(row: Int) -> Self {
    Self(description: "clustering: row \(row) has a value that is NaN or infinite")
  }

  static func tooLong(row: Int, limit: Float) -> Self {
    Self(
      description: "clustering: row \(row) is longer than \(limit): its distances would overflow")
  }

  static let noRows = Self(description: "clustering: the matrix has no rows")

  static func tooManyRows(_ count: Int, limit: Int, algorithm: String) -> Self {
    Self(
      description: "\(algorithm): \(count) rows; it compares all pairs and takes at most \(limit)")
  }

  func inImage(_ image: Int) -> Self { Self(description: "image \(image): \(description)") }
}
