public import Tensor

/// One 8-bit value a pixel, such as a saliency map (0 background ... 255 salient); row-major.
public struct GrayImage: Hashable, Sendable {
  /// The number of rows.
  public let height: Int
  /// The number of columns.
  public let width: Int
  /// The values, `height * width` of them.
  public let values: [UInt8]

  /// Creates a grey picture from its values.
  ///
  /// - Precondition: `values.count == height * width`.
  public init(_ values: [UInt8], height: Int, width: Int) {
    check(
      height >= 0 && width >= 0 && values.count == height * width,
      "GrayImage: \(values.count) values for \(width) x \(height) pixels")
    self.values = values
    self.height = height
    self.width = width
  }

  /// The values divided by 255, `[height, width]`.
  public var tensor: Tensor {
    unsafe Tensor(unsafeUninitialized: [height, width]) { buffer in
      for index in values.indices { unsafe buffer[index] = Float(values[index]) / 255 }
    }
  }
}
