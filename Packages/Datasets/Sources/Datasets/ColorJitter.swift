public import Tensor

/// Changes brightness, contrast, saturation and hue at random, in random order; the picture alone.
///
/// torchvision's `ColorJitter` on Pillow's pictures: each factor is drawn uniformly from
/// `max(0, 1 - x)...1 + x`, the hue's turn from `-hue...hue`, and a change of amount 0 is left out.
public struct ColorJitter: Transform {
  /// How far brightness may go from 1.
  public let brightness: Double
  /// How far contrast may go from 1.
  public let contrast: Double
  /// How far saturation may go from 1.
  public let saturation: Double
  /// How far hues may turn, as a share of the circle.
  public let hue: Double

  /// Creates the transform.
  ///
  /// - Precondition: No amount is negative, and `hue` is at most 0.5.
  public init(
    brightness: Double = 0, contrast: Double = 0, saturation: Double = 0, hue: Double = 0
  ) {
    check(
      [brightness, contrast, saturation, hue].allSatisfy { $0 >= 0 && $0.isFinite } && hue <= 0.5,
      "ColorJitter: brightness \(brightness), contrast \(contrast), saturation \(saturation), "
        + "hue \(hue); expected 0 or more, and at most 0.5 for hue")
    self.brightness = brightness
    self.contrast = contrast
    self.saturation = saturation
    self.hue = hue
  }

  /// The sample in other colours.
  public func callAsFunction(
    _ sample: Sample, using generator: inout PhiloxGenerator
  ) -> Sample {
    var sample = sample
    func factor(_ amount: Double) -> Float {
      Float(Double.random(in: max(0, 1 - amount)...1 + amount, using: &generator))
    }
    for change in [0, 1, 2, 3].shuffled(using: &generator) {
      switch change {
      case 0 where brightness > 0:
        sample.image = sample.image.adjustingBrightness(factor(brightness))
      case 1 where contrast > 0: sample.image = sample.image.adjustingContrast(factor(contrast))
      case 2 where saturation > 0:
        sample.image = sample.image.adjustingSaturation(factor(saturation))
      case 3 where hue > 0:
        sample.image = sample.image.adjustingHue(
          Float(Double.random(in: -hue...hue, using: &generator)))
      default: break
      }
    }
    return sample
  }
}
