public import Tensor

/// A picture at one scale, mirrored or not, as a network takes it.
public struct InferenceView: Sendable {
  /// The picture, normalised, `[1, height, width, 3]`.
  public let input: Tensor
  /// The scale it was resized by.
  public let scale: Double
  /// Whether left and right are exchanged; the network's maps must be exchanged back.
  public let isFlipped: Bool
}

extension Image {
  /// The picture at several scales for multi-scale inference, each followed by its mirror image.
  ///
  /// Sizes are rounded as Python rounds, as in IRN.
  ///
  /// - Parameters:
  ///   - scales: Factors above 0, such as `[1, 0.5, 1.5, 2]`.
  ///   - withFlips: Whether mirror images are wanted.
  ///   - normalization: How pixels become numbers.
  ///   - resampling: How the picture is resized.
  /// - Returns: `scales.count` views, twice as many with flips; in the order of the scales.
  public func inferenceViews(
    scales: [Double], withFlips: Bool = true, normalization: Normalization = .imageNet,
    resampling: Resampling = .antialiasedBilinear
  ) -> [InferenceView] {
    scales.flatMap { scale in
      check(scale > 0 && scale.isFinite, "inferenceViews: scale \(scale), expected above 0")
      let image = resized(
        height: scaledSize(height, by: scale), width: scaledSize(width, by: scale), resampling)
      let view = InferenceView(input: normalization(image), scale: scale, isFlipped: false)
      guard withFlips else { return [view] }
      return [
        view,
        InferenceView(input: normalization(image.flipped()), scale: scale, isFlipped: true),
      ]
    }
  }
}
