public import Autograd
public import Tensor

/// The loss `IRN` trains on: boundaries between pixels of different classes, and displacements that
/// agree within an object.
///
/// `(background + foreground) / 4 + different / 2` of affinities, and half of the displacements'
/// two parts, each a mean over its own pairs in the batch and 0 without any.
///
/// The pairs' loops are Tensor's (`PixelPairs`): the random walk needs the same geometry without
/// Autograd. Nothing of size pairs times path is kept.
///
/// Ahn et al., CVPR 2019 (https://arxiv.org/abs/1904.05044), equations 4 to 7.
public struct IRNLoss {
  /// The weighted sum, a scalar.
  public let total: Variable
  /// Its parts and the number of pairs each is over.
  public let parts: PairLoss

  /// Computes the loss, and its gradients where they will be asked for.
  ///
  /// - Parameters:
  ///   - output: What the network made of a batch, `[N, H, W, ...]`.
  ///   - labels: Seeds at the output's resolution, `[N, H, W]`: 0 background, 1...254 foreground,
  ///     255 unknown; pairs with 255 do not count.
  ///   - pairs: The pairs within the method's radius of 10.
  ///   - sources: Which pixels are the first of a pair.
  public init(
    _ output: IRN.Output, labels: LabelMap, pairs: PixelPairs = PixelPairs(radius: 10),
    sources: PixelPairs.Sources = .inner
  ) {
    let (boundary, displacement) = (output.boundary.sigmoid(), output.displacement)
    let loss = pairs.boundaryLoss(
      boundary: boundary.value, displacement: displacement.value, labels: labels,
      sources: sources,
      wantsGradients: (boundary.requiresGradient, displacement.requiresGradient))
    parts = loss
    total = Variable(Tensor(loss.total), parents: [boundary, displacement]) { upstream in
      [loss.gradient, loss.displacementGradient].map { $0.map { $0 * upstream.scalar } }
    }
  }
}
