/// Why a loss cannot be computed from the numbers given.
public struct ContrastError: Error, Hashable, CustomStringConvertible {
  /// What was expected and what was found.
  public let description: String

  static func notFinite(_ what: String, image: Int, pixel: Int) -> Self {
    Self(description: "image \(image), pixel \(pixel): \(what) is NaN or infinite")
  }

  static func outside(
    _ range: String, _ what: String, _ value: some CustomStringConvertible, image: Int, pixel: Int
  ) -> Self {
    Self(description: "image \(image), pixel \(pixel): \(what) is \(value), expected \(range)")
  }

  static func notALabel(_ value: Float, image: Int, class index: Int) -> Self {
    Self(description: "image \(image), class \(index): label \(value), expected 0 or 1")
  }
}
