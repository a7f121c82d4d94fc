/// Rows and columns added around an image.
public struct Padding2d: Hashable, Sendable {
  /// Rows added above.
  public var top: Int
  /// Columns added on the left.
  public var left: Int
  /// Rows added below.
  public var bottom: Int
  /// Columns added on the right.
  public var right: Int

  /// Creates a padding from its four sides, each 0 or more.
  public init(top: Int, left: Int, bottom: Int, right: Int) {
    check(
      top >= 0 && left >= 0 && bottom >= 0 && right >= 0,
      "Padding2d: negative side in (\(top), \(left), \(bottom), \(right))")
    self.top = top
    self.left = left
    self.bottom = bottom
    self.right = right
  }

  /// Creates the same padding on all four sides.
  public init(_ all: Int) { self.init(top: all, left: all, bottom: all, right: all) }

  /// No padding.
  public static let none = Padding2d(0)

  /// TensorFlow's SAME padding: as many outputs as `size / stride`, rounded up.
  ///
  /// An odd row or column of padding goes to the bottom or the right.
  ///
  /// - Parameters:
  ///   - height: Rows of the image.
  ///   - width: Columns of the image.
  ///   - kernelSize: Rows and columns of the kernel.
  ///   - stride: The step of the kernel.
  ///   - dilation: The distance of the kernel's taps; 1 is a dense kernel.
  /// - Returns: The smallest padding that gives that many outputs.
  public static func same(
    height: Int, width: Int, kernelSize: Int, stride: Int = 1, dilation: Int = 1
  ) -> Padding2d {
    func total(_ size: Int) -> Int {
      let outputs = (size + stride - 1) / stride
      return Swift.max((outputs - 1) * stride + (kernelSize - 1) * dilation + 1 - size, 0)
    }
    let (vertical, horizontal) = (total(height), total(width))
    return Padding2d(
      top: vertical / 2, left: horizontal / 2, bottom: vertical - vertical / 2,
      right: horizontal - horizontal / 2)
  }
}
