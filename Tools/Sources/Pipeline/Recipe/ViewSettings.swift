/// The scales that a network sees a picture at when it makes maps.
public struct ViewSettings: Settings {
  /// Factors of the picture's size.
  public var scales = [1, 0.5, 1.5, 2]
  /// Whether each scale is also seen mirrored.
  public var flip = true
  /// The length of the longer side at scale 1; 0: the picture's own.
  public var longSide = 0

  /// Creates the defaults.
  public init() {}

  /// States what the values must fulfil.
  public func check(_ rules: inout SettingRules) {
    rules.require(
      !scales.isEmpty && scales.allSatisfy { $0 > 0 && $0 <= 8 }, "scales", scales,
      expected: "one or more numbers above 0 and up to 8")
    let largest = SettingRules.longestSide
    rules.require(
      longSide >= 0 && Double(longSide) * (scales.max() ?? 1) <= Double(largest), "longSide",
      longSide, expected: "0 or more, and no more than \(largest) at the largest scale")
  }
}
