public import Tensor

extension Image {
  /// The picture with each label but 0 in its colour of `VOCPalette` over it, borders drawn full.
  ///
  /// - Parameters:
  ///   - labels: A label a pixel, `[height, width]`.
  ///   - opacity: How much the colour covers inside a region, 0...1.
  /// - Returns: The picture to look at.
  /// - Precondition: The sizes are equal; `opacity` is in 0...1.
  public func overlaid(with labels: LabelMap, opacity: Float = 0.5) -> Image {
    check(
      labels.shape == [height, width],
      "overlaid: labels \(labels.shape) for a picture of \(height) x \(width)")
    check((0...1).contains(opacity), "overlaid: opacity \(opacity), expected 0...1")
    var result = pixels
    let map = labels.labels
    for row in 0..<height {
      for column in 0..<width {
        let pixel = row * width + column
        let label = map[pixel]
        let isBorder =
          (column + 1 < width && map[pixel + 1] != label)
          || (row + 1 < height && map[pixel + width] != label)
          || (column > 0 && map[pixel - 1] != label) || (row > 0 && map[pixel - width] != label)
        if label == 0 { continue }
        let share = isBorder ? 1 : opacity
        for channel in 0..<3 {
          let (from, to) = (
            Float(pixels[pixel * 3 + channel]),
            Float(VOCPalette.colors[Int(label) * 3 + channel])
          )
          result[pixel * 3 + channel] = UInt8((from + (to - from) * share).rounded())
        }
      }
    }
    return Image(result, height: height, width: width)
  }
}
