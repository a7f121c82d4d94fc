/// How a camera was held: EXIF's eight ways to store a picture that stands upright.
enum Orientation: Int {
  case upright = 1
  case mirrored, upsideDown, flipped, transposed, clockwise, transversed, counterclockwise

  /// Whether rows become columns.
  private var swapsAxes: Bool { rawValue >= 5 }

  /// Samples of `channels` bytes a pixel turned upright, with their new width and height.
  func upright(
    _ stored: [UInt8], width: Int, height: Int, channels: Int
  ) -> (pixels: [UInt8], width: Int, height: Int) {
    if self == .upright { return (stored, width, height) }
    let (newWidth, newHeight) = swapsAxes ? (height, width) : (width, height)
    var pixels = [UInt8](repeating: 0, count: stored.count)
    for y in 0..<newHeight {
      for x in 0..<newWidth {
        let (column, row) = source(x, y, width: width, height: height)
        for c in 0..<channels {
          pixels[(y * newWidth + x) * channels + c] = stored[(row * width + column) * channels + c]
        }
      }
    }
    return (pixels, newWidth, newHeight)
  }

  /// Where the upright pixel (x, y) lies in the stored picture.
  private func source(_ x: Int, _ y: Int, width: Int, height: Int) -> (column: Int, row: Int) {
    switch self {
    case .upright: (x, y)
    case .mirrored: (width - 1 - x, y)
    case .upsideDown: (width - 1 - x, height - 1 - y)
    case .flipped: (x, height - 1 - y)
    case .transposed: (y, x)
    case .clockwise: (y, height - 1 - x)
    case .transversed: (width - 1 - y, height - 1 - x)
    case .counterclockwise: (width - 1 - y, x)
    }
  }
}
