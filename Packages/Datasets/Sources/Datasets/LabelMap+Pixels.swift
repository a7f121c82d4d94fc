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
  /// - Returns: `[height, width]`, or `[N, height, width]` of a batch.
  /// - Precondition: The mask is `[H, W]` or `[N, H, W]` and not empty.
  public func resizedNearestExact(height: Int, width: Int) -> LabelMap {
    check(
      (2...3).contains(shape.rank) && count > 0 && height > 0 && width > 0,
      "resizedNearestExact: \(shape) to \(width) x \(height) pixels")
    let (oldHeight, oldWidth) = (shape[-2], shape[-1])
    if oldHeight == height && oldWidth == width { return self }
    let images = count / (oldHeight * oldWidth)
    let resized = unsafe [UInt8].filled(images * height * width) { out in
      unsafe labels.withUnsafeBufferPointer { labels in
        for image in 0..<images {
          // Safe: both batches have as many masks, of as many bytes as their sizes say.
          unsafe cp_resize_nearest(
            labels.baseAddress.map { unsafe $0 + image * oldHeight * oldWidth }, Int32(oldHeight),
            Int32(oldWidth), out.map { unsafe $0 + image * height * width }, Int32(height),
            Int32(width))
        }
      }
    }
    return LabelMap(resized, shape: Shape(shape.dimensions.dropLast(2) + [height, width]))
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
