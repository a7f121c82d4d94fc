/// A loss over pairs of pixels: its parts, each a mean over its own pairs, and its gradients.
public struct PairLoss: Sendable {
  /// The pairs that count, by the labels of their pixels.
  public struct Counts: Hashable, Sendable {
    /// Both pixels are background.
    public var background = 0
    /// Both pixels are of one foreground class.
    public var foreground = 0
    /// The labels differ.
    public var different = 0
  }

  /// The pairs the means are over.
  public let counts: Counts
  /// `-log` affinity of background pairs; 0 without any, as all parts.
  public let background: Float
  /// `-log` affinity of foreground pairs.
  public let foreground: Float
  /// `-log(1 - affinity)` of pairs with different labels.
  public let different: Float
  /// The mean of `|d_i - d_j|` of background pairs over both directions, in pixels.
  public let backgroundDisplacement: Float
  /// The mean of `|d_i - d_j - (j - i)|` of foreground pairs over both directions, in pixels.
  public let foregroundDisplacement: Float

  /// The weighted sum: `(background + foreground) / 4 + different / 2 + (both displacements) / 2`.
  public var total: Float {
    (background + foreground) / 4 + different / 2
      + (backgroundDisplacement + foregroundDisplacement) / 2
  }

  /// The derivative of `total` by the boundary map or the features; `nil` if it was not wanted.
  public let gradient: Tensor?
  /// The derivative of `total` by the displacements; `nil` if it was not wanted.
  public let displacementGradient: Tensor?

  init(
    counts: Counts, sums: [Double], gradient: Tensor?, displacementGradient: Tensor? = nil
  ) {
    func mean(_ sum: Double, _ count: Int) -> Float { count > 0 ? Float(sum / Double(count)) : 0 }
    self.counts = counts
    background = mean(sums[0], counts.background)
    foreground = mean(sums[1], counts.foreground)
    different = mean(sums[2], counts.different)
    backgroundDisplacement = sums.count > 3 ? mean(sums[3], 2 * counts.background) : 0
    foregroundDisplacement = sums.count > 3 ? mean(sums[4], 2 * counts.foreground) : 0
    self.gradient = gradient
    self.displacementGradient = displacementGradient
  }

  /// What a pair of each kind counts in `total`, in the order of the sums.
  static func scales(_ counts: Counts) -> [Float] {
    func share(_ weight: Float, _ count: Int) -> Float { count > 0 ? weight / Float(count) : 0 }
    return [
      share(0.25, counts.background), share(0.25, counts.foreground), share(0.5, counts.different),
      share(0.25, counts.background), share(0.25, counts.foreground),
    ]
  }
}
