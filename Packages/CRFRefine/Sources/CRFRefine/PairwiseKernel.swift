public import Tensor

/// One Gaussian kernel of a CRF: which pixels are similar, and what different labels cost them.
public struct PairwiseKernel: Sendable {
  /// What the similarity of two pixels depends on.
  public enum Features: Sendable {
    /// The distance in pixels, over standard deviations along x and y.
    case position(deviations: SIMD2<Float>)
    /// Distance and colour, over standard deviations along x and y, and of red, green and blue in
    /// 0...255.
    case positionAndColor(deviations: SIMD2<Float>, colorDeviations: SIMD3<Float>)
    /// Any features, already divided by their standard deviations: `[H, W, d]`, d in 1...6.
    case custom(Tensor)
  }

  /// What the similarity of two pixels depends on.
  public var features: Features
  /// The energy of labels that meet.
  public var compatibility: LabelCompatibility
  /// How messages are normalised.
  public var normalization: KernelNormalization

  /// Creates a kernel.
  public init(
    _ features: Features, compatibility: LabelCompatibility,
    normalization: KernelNormalization = .symmetric
  ) {
    self.features = features
    self.compatibility = compatibility
    self.normalization = normalization
  }

  /// Similarity by position: smooths away small regions.
  ///
  /// - Parameters:
  ///   - sxy: The standard deviation in pixels.
  ///   - compatibility: What different labels cost.
  ///   - normalization: How messages are normalised.
  /// - Returns: pydensecrf's `addPairwiseGaussian`.
  public static func gaussian(
    sxy: Float, compatibility: Float, normalization: KernelNormalization = .symmetric
  ) -> PairwiseKernel {
    PairwiseKernel(
      .position(deviations: [sxy, sxy]), compatibility: .potts(compatibility),
      normalization: normalization)
  }

  /// Similarity by position and colour: moves borders to edges of the image.
  ///
  /// - Parameters:
  ///   - sxy: The standard deviation in pixels.
  ///   - srgb: The standard deviation of red, green and blue in 0...255.
  ///   - compatibility: What different labels cost.
  ///   - normalization: How messages are normalised.
  /// - Returns: pydensecrf's `addPairwiseBilateral`.
  public static func bilateral(
    sxy: Float, srgb: Float, compatibility: Float,
    normalization: KernelNormalization = .symmetric
  ) -> PairwiseKernel {
    PairwiseKernel(
      .positionAndColor(deviations: [sxy, sxy], colorDeviations: [srgb, srgb, srgb]),
      compatibility: .potts(compatibility), normalization: normalization)
  }
}
