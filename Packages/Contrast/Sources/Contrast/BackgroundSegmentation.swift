public import Autograd
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
  ///   - mask: `[B, H, W]`: pixels labelled 255 count for no maximum.
  /// - Returns: `[B, H, W, 1]`; 0 at ignored pixels.
  /// - Throws: `ContrastError` where a CAM is not finite.
  public static func target(
    cams: Tensor, imageLabels: Tensor, threshold: Float = 0.05, ignoring mask: LabelMap? = nil
  ) throws(ContrastError) -> Tensor {
    check(
      cams.rank == 4 && imageLabels.shape == [cams.shape[0], cams.shape[3]],
      "BackgroundSegmentation: CAMs \(cams.shape) and image labels \(imageLabels.shape), expected "
        + "[B, H, W, C] and [B, C]")
    let (batch, classes) = (cams.shape[0], cams.shape[3])
    let counted = CountedPixels(
      mask, shape: Shape(Array(cams.shape.dimensions.dropLast())), "BackgroundSegmentation")
    var sums = [Float](repeating: 0, count: counted.labels.count)
    let labels = imageLabels.scalars
    cams.withScalars { cams in
      for image in 0..<batch {
        let pixels = counted.ofImage[image]
        for c in 0..<classes where labels[image * classes + c] > 0 {
          let largest = pixels.reduce(Float(0)) { max($0, cams[$1 * classes + c]) }
          for pixel in pixels { sums[pixel] += cams[pixel * classes + c] / (largest + 1e-5) }
        }
      }
    }
    return try target(
      sums: Tensor(sums, shape: [batch, cams.shape[1], cams.shape[2], 1]), threshold: threshold,
      ignoring: mask)
  }

  /// The targets of sums made elsewhere, such as of whole pictures whose crops these are.
  ///
  /// - Parameters:
  ///   - sums: The sum of the max-normalised CAMs of the image's classes, `[B, H, W, 1]`.
  ///   - threshold: On the sum; the reference code's 0.05.
  ///   - mask: `[B, H, W]`: pixels labelled 255 are ignored.
  /// - Returns: `[B, H, W, 1]`: 1 background, 0 foreground and at ignored pixels.
  /// - Throws: `ContrastError` where a sum is not finite.
  public static func target(
    sums: Tensor, threshold: Float = 0.05, ignoring mask: LabelMap? = nil
  ) throws(ContrastError) -> Tensor {
    check(
      sums.rank == 4 && sums.shape[3] == 1,
      "BackgroundSegmentation: sums \(sums.shape), expected [B, H, W, 1]")
    let counted = CountedPixels(
      mask, shape: Shape(Array(sums.shape.dimensions.dropLast())), "BackgroundSegmentation")
    let values = counted.zeroingIgnored(sums).scalars
    if let bad = values.firstIndex(where: { !$0.isFinite }) {
      let area = sums.shape[1] * sums.shape[2]
      throw .notFinite("a CAM", image: bad / area, pixel: bad % area)
    }
    let target = zip(values, counted.labels.labels).map { sum, label in
      sum < threshold && label != LabelMap.ignoreIndex ? Float(1) : 0
    }
    return Tensor(target, shape: sums.shape)
  }

  /// The binary cross-entropy of the logits with the targets, mean over the pixels that count.
  ///
  /// - Parameters:
  ///   - logits: `phi_seg(phi_bg(x))`, `[B, H, W, 1]`; positive for background.
  ///   - target: Of the same shape, 0...1, as `target` makes it; a constant.
  ///   - mask: `[B, H, W]`: pixels labelled 255 do not count.
  /// - Returns: A scalar; 0 without pixels.
  public static func loss(
    _ logits: Variable, target: Tensor, ignoring mask: LabelMap? = nil
  ) -> Variable {
    check(
      logits.shape.rank == 4 && logits.shape[3] == 1,
      "BackgroundSegmentation: logits \(logits.shape), expected [B, H, W, 1]")
    guard let mask else { return logits.binaryCrossEntropy(target) }
    let counted = CountedPixels(
      mask, shape: Shape(Array(logits.shape.dimensions.dropLast())), "BackgroundSegmentation")
    let sum = logits.binaryCrossEntropy(
      target, weight: counted.weights(shape: logits.shape), reduction: .sum)
    return weightedSum([(sum, 1 / Float(max(counted.count, 1)))])
  }
}
