public import Autograd
public import Tensor

extension Variable {
  /// EPS: what the maps of background and classes together say of where objects are, compared with
  /// a saliency map.
  ///
  /// With p the softmax over the maps, the prediction of saliency is
  /// `a F + (1 - a) (1 - B)`, F the sum of p over an image's classes and B that over the background
  /// and those of its classes that the saliency map does not know: where p is above one half, less
  /// than a share of the pixels is salient. The loss is the mean squared error. Lee et al., CVPR
  /// 2021 (https://arxiv.org/abs/2105.08965), equations 2 to 5. Which classes are known is a
  /// constant for the gradient.
  ///
  /// - Parameters:
  ///   - saliency: 0 background to 1 salient, `[N, H, W]`; a constant.
  ///   - imageLabels: 1 where the image shows the class, else 0: `[N, C]`.
  ///   - overlap: The share; the method's tau, 0.4.
  ///   - foregroundShare: The method's a, 0.5, in 0...1.
  /// - Returns: A scalar for maps `[N, H, W, C + 1]`, background first.
  public func saliencyLoss(
    _ saliency: Tensor, imageLabels: Tensor, overlap: Float = 0.4, foregroundShare: Float = 0.5
  ) -> Variable {
    let (batch, height, width) = (shape[0], shape[1], shape[2])
    check(
      shape.rank == 4 && saliency.shape == [batch, height, width]
        && imageLabels.shape == [batch, shape[3] - 1],
      "saliencyLoss: maps \(shape), saliency \(saliency.shape), labels \(imageLabels.shape), "
        + "expected [N, H, W, C + 1], [N, H, W], [N, C]")
    let shares = softmax()
    let isLarge = shares.value.sliced(1..<shape[3], axis: 3).greater(than: 0.5)
    let isSalient = saliency.greater(than: 0.5).reshaped(batch, height, width, 1)
    // The reference code's 1e-4 a pixel: no pixel above one half is no overlap.
    let overlaps = (isLarge * isSalient).sum([1, 2]) / ((isLarge + 1e-4).sum([1, 2]))
    let known = overlaps.greater(than: overlap) * imageLabels
    let unknown = imageLabels - known
    let weights = Tensor(
      concatenating: [
        Tensor(repeating: foregroundShare - 1, shape: [batch, 1]),
        known * foregroundShare - unknown * (1 - foregroundShare),
      ], axis: 1)
    let prediction =
      (shares * Variable(weights.reshaped(batch, 1, 1, -1))).sum([3]) + (1 - foregroundShare)
    return prediction.meanSquaredError(Variable(saliency))
  }
}
