internal import CPixels
public import Tensor

extension LabelMap {
  /// The mask at another size: each pixel takes the label of the pixel that covers its centre.
  ///
  /// Pillow's and IRN's `NEAREST`, OpenCV's `INTER_NEAREST_EXACT` and PyTorch's `nearest-exact`,
  /// which stay in step with a bilinear resize of the picture. `resized(height:width:)` is PyTorch's
  /// and OpenCV's plain nearest instead, which takes the upper left of the pixels it could take.
  ///
  /// - Parameters:
  ///   - height: Rows, 1 or more.
  ///   - width: Columns, 1 or more.
  /// - Returns: `[height, width]`.
  /// - Precondition: The mask is `[H, W]` and not empty.
  public func resizedNearestExact(height: Int, width: Int) -> LabelMap {
    check(
      shape.rank == 2 && count > 0 && height > 0 && width > 0,
      "resizedNearestExact: \(shape) to \(width) x \(height) pixels")
    if shape == [height, width] { return self }
    let resized = unsafe [UInt8].filled(height * width) { out in
      // Safe: both masks have as many bytes as their sizes say.
      unsafe cp_resize_nearest(
        labels, Int32(shape[0]), Int32(shape[1]), out, Int32(height), Int32(width))
    }
    return LabelMap(resized, shape: [height, width])
  }

  func cropped(to window: PixelRegion) -> LabelMap {
    LabelMap(
      labels.cropped(
        height: shape[0], width: shape[1], to: window, fill: [Self.ignoreIndex]),
      shape: [window.height, window.width])
  }

  func flipped() -> LabelMap {
    LabelMap(labels.mirrored(height: shape[0], width: shape[1], channels: 1), shape: shape)
  }
}
