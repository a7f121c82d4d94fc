/// The colours of PASCAL VOC's masks: a colour for each of 256 labels.
public enum VOCPalette {
  /// 256 RGB triples: black is 0, maroon 1, ..., and 255 is (224, 224, 192), the "ignore" border.
  ///
  /// The bits of a label go to red, green and blue in turn, highest first, as VOCdevkit's
  /// `VOClabelcolormap` does it.
  public static let colors: [UInt8] = {
    var colors: [UInt8] = []
    for label in 0..<256 {
      for channel in 0..<3 {
        var value = 0
        for bit in 0..<3 where label >> (3 * bit + channel) & 1 == 1 { value |= 0x80 >> bit }
        colors.append(UInt8(value))
      }
    }
    return colors
  }()

  /// The label of each colour, by `red << 16 | green << 8 | blue`.
  static let labels: [UInt32: UInt8] = {
    var labels: [UInt32: UInt8] = [:]
    for label in 0..<256 {
      labels[key(colors[label * 3], colors[label * 3 + 1], colors[label * 3 + 2])] = UInt8(label)
    }
    return labels
  }()

  static func key(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt32 {
    UInt32(red) << 16 | UInt32(green) << 8 | UInt32(blue)
  }
}
