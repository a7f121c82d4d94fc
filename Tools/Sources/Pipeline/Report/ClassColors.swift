internal import Datasets
internal import Foundation

/// A colour for each class that is easily told from the others and from a picture in grey.
///
/// VOC's palette has dark and similar colours; these are turned by the golden angle in OKLCH, so
/// that any number of classes is spread evenly, and lighter and darker ones take turns.
struct ClassColors {
  /// The colour of a class, 1...C.
  static func color(of label: Int) -> RGB {
    let index = Double(label - 1)
    let lightness = [0.68, 0.78, 0.60][(label - 1) % 3]
    return oklch(lightness, 0.19, (25 + 137.508 * index) * .pi / 180)
  }

  /// The same for a page's style.
  static func css(_ label: Int) -> String {
    let color = color(of: label)
    return String(format: "#%02x%02x%02x", color.red, color.green, color.blue)
  }

  /// Ottosson 2020, a perceptual colour space; what the screen cannot show is cut off.
  private static func oklch(_ lightness: Double, _ chroma: Double, _ hue: Double) -> RGB {
    let (a, b) = (chroma * cos(hue), chroma * sin(hue))
    func cube(_ value: Double) -> Double { value * value * value }
    let l = cube(lightness + 0.3963377774 * a + 0.2158037573 * b)
    let m = cube(lightness - 0.1055613458 * a - 0.0638541728 * b)
    let s = cube(lightness - 0.0894841775 * a - 1.2914855480 * b)
    func byte(_ linear: Double) -> UInt8 {
      let value =
        linear <= 0.0031308 ? 12.92 * linear : 1.055 * pow(max(linear, 0), 1 / 2.4) - 0.055
      return UInt8((max(0, min(1, value)) * 255).rounded())
    }
    return RGB(
      byte(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
      byte(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
      byte(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s))
  }
}

/// A square of a class's colour and its name.
func chip(_ label: Int, _ name: String) -> HTML {
  "<span class=\"chip\"><i style=\"background:\(ClassColors.css(label))\"></i>\(name)</span>"
}
