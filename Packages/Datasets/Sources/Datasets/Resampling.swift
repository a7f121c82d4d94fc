internal import CPixels

/// How a picture of another size gets its pixels.
///
/// Pixels are areas: the centres of both pictures' corners' areas lie on each other (half-pixel
/// centres), as in Pillow, OpenCV and PyTorch's `align_corners=False`. Masks are always resized by
/// `LabelMap.resizedNearestExact(height:width:)`.
public enum Resampling: String, Hashable, Sendable, Codable, CaseIterable {
  /// Between the four nearest pixels, whatever the reduction: OpenCV's `INTER_LINEAR` and PyTorch's
  /// `bilinear`. Reducing by more than 2 skips pixels, and fine patterns turn into false ones.
  case bilinear
  /// Bilinear, averaged over all pixels that a reduction merges: Pillow's `BILINEAR` and PyTorch's
  /// `antialias=True`. The same as `bilinear` where the picture grows.
  case antialiasedBilinear
  /// Keys' cubic with a = -1/2, widened by a reduction in the same way: Pillow's `BICUBIC`, which
  /// IRN's training uses. (OpenCV's has a = -3/4 and skips pixels.)
  case bicubic

  var filter: cp_filter {
    switch self {
    case .bilinear: cp_bilinear
    case .antialiasedBilinear: cp_antialiased_bilinear
    case .bicubic: cp_bicubic
    }
  }
}
