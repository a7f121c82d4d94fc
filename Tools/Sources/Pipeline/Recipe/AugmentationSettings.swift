internal import Datasets

/// How training pictures vary.
public struct AugmentationSettings: Settings {
  /// The range of the longer side, in pixels; empty: not resized so.
  public var longSide: [Int] = []
  /// The range of a factor of the size; empty: not resized so.
  public var scale: [Double] = []
  /// The side of the square that is cut out, padded where the picture is smaller.
  public var crop = 512
  /// Whether half of the pictures are mirrored.
  public var flip = true
  /// How far brightness, contrast, saturation and hue change; empty: not at all.
  public var jitter: [Double] = []

  /// Creates the defaults.
  public init() {}

  /// States what the values must fulfil.
  public func check(_ rules: inout SettingRules) {
    rules.requireRange("longSide", longSide, above: 0, upTo: SettingRules.longestSide)
    rules.requireRange("scale", scale, above: 0, upTo: 16)
    rules.require((1...8192).contains(crop), "crop", crop, expected: "1...8192")
    rules.require(
      jitter.isEmpty
        || (jitter.count == 4 && jitter.allSatisfy { $0 >= 0 && $0.isFinite } && jitter[3] <= 0.5),
      "jitter", jitter,
      expected: "[] or [brightness, contrast, saturation, hue], 0 or more, hue at most 0.5")
  }

  /// The transforms, in the order that costs least.
  func transform(fill: RGB) -> Compose {
    var transforms: [any Transform] = []
    if longSide.count == 2 { transforms.append(RandomLongSide(longSide[0]...longSide[1])) }
    if scale.count == 2 { transforms.append(RandomScale(scale[0]...scale[1])) }
    transforms.append(RandomCrop(crop, fill: fill))
    if flip { transforms.append(RandomFlip()) }
    if jitter.count == 4 {
      transforms.append(
        ColorJitter(
          brightness: jitter[0], contrast: jitter[1], saturation: jitter[2], hue: jitter[3]))
    }
    return Compose(transforms)
  }
}
