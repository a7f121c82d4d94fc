public import Tensor

/// Maps averaged over all pixels of their image, the pixels that look alike before all: what PCM
/// does, without anything to learn, on a backbone's features as they are.
///
/// A class map lights what is around an object because the last layers see far. Layers before them
/// tell the object from its surroundings, but not its class. Weights are the features' cosines
/// where positive, to a power: Wang et al., CVPR 2020 (https://arxiv.org/abs/2004.04581), equation 4
/// with the identity for its embedding.
public enum LikenessSpread {
  /// Maps averaged over all pixels by the likeness of their features.
  ///
  /// - Parameters:
  ///   - maps: `[N, H, W, K]`; resized to the features where these are of another size.
  ///   - features: `[N, h, w, D]`.
  ///   - power: Of the cosines: above 0; the larger, the fewer pixels count. 1 is PCM's.
  /// - Returns: `[N, h, w, K]`, without gradients. Each value lies between the smallest and the
  ///   largest of the map's; a pixel that is like none, itself included, becomes 0.
  public static func spread(_ maps: Tensor, by features: Tensor, power: Float) -> Tensor {
    check(
      maps.rank == 4 && features.rank == 4 && maps.shape[0] == features.shape[0] && power > 0,
      "LikenessSpread: maps \(maps.shape), features \(features.shape), power \(power); expected "
        + "[N, H, W, K], [N, h, w, D] and a power above 0")
    let (height, width) = (features.shape[1], features.shape[2])
    let pixels = height * width
    let sized = maps.resized(height: height, width: width)
    let parts = (0..<maps.shape[0]).map { image -> Tensor in
      let rows = features.sliced(image..<image + 1, axis: 0).reshaped(pixels, -1)
      let unit = rows / (rows.squared().sum([1], keepingAxes: true).squareRoot() + 1e-5)
      let values = sized.sliced(image..<image + 1, axis: 0).reshaped(pixels, -1)
      // In blocks: all pairs of a large picture at stride 8 would take half a gigabyte.
      let blocks = stride(from: 0, to: pixels, by: blockRows).map { start -> Tensor in
        let block = unit.sliced(start..<min(start + blockRows, pixels), axis: 0)
        let weights = block.matmul(unit, transposeOther: true).relu().power(power)
        return weights.matmul(values) / (weights.sum([1], keepingAxes: true) + 1e-5)
      }
      return Tensor(concatenating: blocks, axis: 0).reshaped(1, height, width, -1)
    }
    return Tensor(concatenating: parts, axis: 0)
  }

  private static let blockRows = 1024
}
