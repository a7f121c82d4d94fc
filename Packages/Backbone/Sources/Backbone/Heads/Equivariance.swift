public import Autograd
public import Tensor

/// SEAM's two losses: the maps of an image and of the same image at another size shall be alike.
///
/// Wang et al., CVPR 2020 (https://arxiv.org/abs/2004.04581), equations 2 and 4.
public enum Equivariance {
  /// Maps of the classes an image is labelled with, each divided by its maximum in the image.
  ///
  /// - Parameters:
  ///   - maps: `[N, H, W, K]`, of either sign; what is negative becomes 0.
  ///   - labels: 1 for the maps that count, else 0: `[N, K]`.
  /// - Returns: 0...1, `[N, H, W, K]`, 0 in maps that do not count.
  public static func normalized(_ maps: Variable, labels: Tensor) -> Variable {
    check(
      maps.shape.rank == 4 && labels.shape == [maps.shape[0], maps.shape[3]],
      "Equivariance: maps \(maps.shape) and labels \(labels.shape), expected [N, H, W, K], [N, K]")
    let positive = maps.relu()
    return positive / (positive.max([1, 2], keepingAxes: true) + 1e-5)
      * Variable(labels.reshaped(labels.shape[0], 1, 1, -1))
  }

  /// ER: the mean difference of the maps of two views, `normalized` and at one size.
  public static func regularization(_ first: Variable, _ second: Variable) -> Variable {
    (first - second).abs().mean()
  }

  /// ECR, one way: the mean of each image's largest differences between the maps that `PCM` made of
  /// one view and the maps of the other.
  ///
  /// - Parameters:
  ///   - refined: `[N, H, W, K]`, 0...1.
  ///   - target: The other view's, of the same shape, as `PCM.normalized` makes them; constants.
  ///   - share: The share of an image's values that count, above 0 and up to 1; the method's 0.2.
  /// - Returns: A scalar.
  public static func crossRegularization(
    _ refined: Variable, target: Tensor, share: Double = 0.2
  ) -> Variable {
    check(
      refined.shape == target.shape && share > 0 && share <= 1,
      "Equivariance: maps \(refined.shape), target \(target.shape), share \(share)")
    let differences = (refined - Variable(target)).abs().reshaped(refined.shape[0], -1)
    let count = Swift.max(Int(Double(differences.shape[1]) * share), 1)
    return differences.topK(count).values.mean()
  }
}
