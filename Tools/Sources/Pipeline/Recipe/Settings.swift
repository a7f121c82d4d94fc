/// A section of a recipe: constants of one stage or of something that stages share.
///
/// The names of its properties are the keys in the file; their initial values are the method's.
public protocol Settings: Codable, Sendable, Equatable {
  /// Creates the defaults.
  init()

  /// States what the values must fulfil.
  func check(_ rules: inout SettingRules)
}

/// Collects the values of a recipe that cannot be meant.
public struct SettingRules {
  /// A value that breaks a rule.
  struct Violation {
    let key: String
    let text: String
  }

  private(set) var violations: [Violation] = []
  private var prefix: [String] = []

  /// Notes a violation unless a rule holds.
  ///
  /// - Parameters:
  ///   - holds: Whether the value is possible.
  ///   - key: Its key in the section.
  ///   - value: What was found.
  ///   - expected: What was expected.
  public mutating func require(
    _ holds: Bool, _ key: String, _ value: Any, expected: String
  ) {
    if holds { return }
    let name = (prefix + [key]).joined(separator: ".")
    violations.append(Violation(key: name, text: "\(name) is \(value), expected \(expected)"))
  }

  /// Checks a section inside this one.
  ///
  /// - Parameters:
  ///   - key: The section's key.
  ///   - section: The section.
  public mutating func inside(_ key: String, _ section: some Settings) {
    prefix.append(key)
    section.check(&self)
    prefix.removeLast()
  }
}

extension SettingRules {
  mutating func requirePositive(_ key: String, _ value: some BinaryInteger) {
    require(value >= 1, key, value, expected: "1 or more")
  }

  /// The sum of two such is a whole number still.
  mutating func requireSeed(_ key: String, _ value: Int) {
    require((0...1 << 62).contains(value), key, value, expected: "0...\(1 << 62)")
  }

  mutating func requireNotNegative(_ key: String, _ value: Double) {
    require(value >= 0 && value.isFinite, key, value, expected: "0 or more")
  }

  mutating func requireShare(_ key: String, _ value: Double) {
    require((0...1).contains(value), key, value, expected: "0...1")
  }

  /// The side of a picture in pixels: no more than one that a network's features still find memory
  /// for.
  static let longestSide = 16_384

  /// A range of two numbers, or nothing.
  mutating func requireRange<Value: Comparable>(
    _ key: String, _ values: [Value], above bound: Value, upTo largest: Value
  ) {
    require(
      values.isEmpty
        || (values.count == 2 && values[0] > bound && values[1] >= values[0]
          && values[1] <= largest),
      key,
      values,
      expected: "[] or two numbers above \(bound) and up to \(largest), the smaller one first")
  }
}
