public import Tensor

/// The auxiliary background segmentation loss on `phi_bg`'s features: `L_seg`.
///
/// A pixel's target is 1, background, where the sum of the max-normalised CAMs of the image's
/// classes is below a threshold; the loss is the binary cross-entropy with the logits, mean over
/// all pixels (arXiv 2406.15755, section III-B).
public enum BackgroundSegmentation {
  /// The targets: 1 background, 0 foreground.
  ///
  /// - Parameters:
  ///   - cams: `[B, H, W, C]`, 0 or more, of any scale: each present class is divided by its
  ///     maximum in the image (+1e-5).
  ///   - imageLabels: `[B, C]`: 1 where the image shows the class.
  ///   - threshold: On the sum; the reference code's 0.05.
  /// - Returns: `[B, H, W, 1]`.
  public static func target(
    cams: Tensor, imageLabels: Tensor, threshold: Float = 0.05
  ) -> Tensor {
    check(
      cams.rank == 4 && imageLabels.shape == [cams.shape[0], cams.shape[3]],
      "BackgroundSegmentation: CAMs \(cams.shape) and image labels \(imageLabels.shape), expected "
        + "[B, H, W, C] and [B, C]")
    let (batch, classes) = (cams.shape[0], cams.shape[3])
    let area = cams.shape[1] * cams.shape[2]
    var sums = [Float](repeating: 0, count: batch * area)
    let labels = imageLabels.scalars
    cams.withScalars { cams in
      for image in 0..<batch {
        for c in 0..<classes where labels[image * classes + c] > 0 {
          let pixels = image * area..<(image + 1) * area
          let largest = pixels.reduce(Float(0)) { max($0, cams[$1 * classes + c]) }
          for pixel in pixels { sums[pixel] += cams[pixel * classes + c] / (largest + 1e-5) }
        }
      }
    }
    return Tensor(
      sums.map { $0 < threshold ? 1 : 0 }, shape: [batch, cams.shape[1], cams.shape[2], 1])
  }
}
