internal import Tensor

/// A rectangle of pixels.
public struct PixelRegion: Hashable, Sendable {
  /// Its first row.
  public var top: Int
  /// Its first column.
  public var left: Int
  /// Its rows.
  public var height: Int
  /// Its columns.
  public var width: Int

  /// Creates a region.
  ///
  /// - Precondition: No size is negative.
  public init(top: Int = 0, left: Int = 0, height: Int, width: Int) {
    check(height >= 0 && width >= 0, "PixelRegion: \(width) x \(height) pixels")
    self.top = top
    self.left = left
    self.height = height
    self.width = width
  }

  /// Whether the region has the pixel.
  public func contains(row: Int, column: Int) -> Bool {
    row >= top && row < top + height && column >= left && column < left + width
  }

  /// The part inside `window`, in the window's rows and columns.
  func seen(through window: PixelRegion) -> PixelRegion {
    let first = (max(top, window.top), max(left, window.left))
    let end = (
      min(top + height, window.top + window.height), min(left + width, window.left + window.width)
    )
    return PixelRegion(
      top: first.0 - window.top, left: first.1 - window.left, height: max(end.0 - first.0, 0),
      width: max(end.1 - first.1, 0))
  }

  /// The region after its picture was resized, grown to whole pixels where it must be cut.
  func scaled(from old: (height: Int, width: Int), to new: (height: Int, width: Int))
    -> PixelRegion
  {
    let first = (top * new.height / old.height, left * new.width / old.width)
    func up(_ value: Int, _ new: Int, _ old: Int) -> Int { (value * new + old - 1) / old }
    return PixelRegion(
      top: first.0, left: first.1,
      height: up(top + height, new.height, old.height) - first.0,
      width: up(left + width, new.width, old.width) - first.1)
  }
}
