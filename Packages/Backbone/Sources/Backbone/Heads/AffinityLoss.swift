public import Autograd
public import Tensor

/// The loss `AffinityNet` trains on: near features within a class, far ones across classes.
///
/// `(background + foreground) / 4 + different / 2`, each a mean over its own pairs in the batch and
/// 0 without any.
///
/// Ahn and Kwak, CVPR 2018 (https://arxiv.org/abs/1803.10464), equations 4 to 6.
public struct AffinityLoss {
  /// The weighted sum, a scalar.
  public let total: Variable
  /// Its parts and the number of pairs each is over.
  public let parts: PairLoss

  /// Computes the loss, and its gradient where it will be asked for.
  ///
  /// - Parameters:
  ///   - features: What `AffinityNet` returns, `[N, H, W, C]`.
  ///   - labels: Seeds at the features' resolution, `[N, H, W]`: 0 background, 1...254 foreground,
  ///     255 unknown; pairs with 255 do not count.
  ///   - pairs: The pairs within the method's radius of 5.
  ///   - sources: Which pixels are the first of a pair.
  public init(
    _ features: Variable, labels: LabelMap, pairs: PixelPairs = PixelPairs(radius: 5),
    sources: PixelPairs.Sources = .inner
  ) {
    let loss = pairs.featureLoss(
      features: features.value, labels: labels, sources: sources,
      wantsGradient: features.requiresGradient)
    parts = loss
    total = Variable(Tensor(loss.total), parents: [features]) { upstream in
      [loss.gradient.map { $0 * upstream.scalar }]
    }
  }
}
