internal import CImages
internal import Tensor

/// A picture: RGB, 8 bits a channel, row-major `[height, width, 3]`.
public struct Image: Hashable, Sendable {
  /// The number of rows.
  public let height: Int
  /// The number of columns.
  public let width: Int
  /// The samples, `height * width * 3` of them, red first.
  public let pixels: [UInt8]

  /// Creates a picture from its samples.
  ///
  /// - Precondition: `pixels.count == height * width * 3`.
  public init(_ pixels: [UInt8], height: Int, width: Int) {
    check(
      height >= 0 && width >= 0 && pixels.count == height * width * 3,
      "Image: \(pixels.count) samples for \(width) x \(height) pixels of 3")
    self.pixels = pixels
    self.height = height
    self.width = width
  }

  /// Creates a picture of one colour.
  public init(red: UInt8, green: UInt8, blue: UInt8, height: Int, width: Int) {
    var pixels = [UInt8](repeating: red, count: height * width * 3)
    for pixel in 0..<height * width {
      pixels[pixel * 3 + 1] = green
      pixels[pixel * 3 + 2] = blue
    }
    self.init(pixels, height: height, width: width)
  }

  /// The luma of every pixel (ITU-R BT.601, rounded), as Pillow's `convert("L")` gives it.
  public var luma: GrayImage {
    let values = unsafe [UInt8](unsafeUninitializedCapacity: height * width) { buffer, count in
      // Safe: `pixels` has three samples for each of the buffer's bytes.
      unsafe ci_luma(pixels, buffer.baseAddress, height * width)
      count = height * width
    }
    return GrayImage(values, height: height, width: width)
  }
}

extension Image {
  /// The pixel's red, green and blue.
  ///
  /// - Precondition: `row` and `column` lie in the picture.
  public subscript(row: Int, column: Int) -> (red: UInt8, green: UInt8, blue: UInt8) {
    check(
      row >= 0 && row < height && column >= 0 && column < width,
      "Image: pixel \(column), \(row) of \(width) x \(height)")
    let start = (row * width + column) * 3
    return (pixels[start], pixels[start + 1], pixels[start + 2])
  }
}
