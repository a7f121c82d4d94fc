public import Tensor

extension SeedMap {
  /// A seed map without the pixels that other labels call something else.
  ///
  /// Both contrasts pull a query to the class it is labelled with, and queries are the pixels whose
  /// labels are least sure. Where labels of another origin say the same, such as a classifier's
  /// seeds, more of them are right.
  ///
  /// - Parameters:
  ///   - seeds: Scores, entropy and labels, which stay what they are where both agree.
  ///   - labels: `[B, H, W]`: 0 background, 1...C; 255 agrees with nothing.
  public init(_ seeds: SeedMap, agreeingWith labels: LabelMap) {
    check(
      labels.shape == seeds.labels.shape,
      "SeedMap: labels \(labels.shape) to agree with, expected \(seeds.labels.shape)")
    let agreed = LabelMap(
      zip(seeds.labels.labels, labels.labels).map { $0 == $1 ? $0 : LabelMap.ignoreIndex },
      shape: labels.shape)
    let counted = CountedPixels(agreed, shape: labels.shape, "SeedMap")
    let pixels = Shape(seeds.scores.shape.dimensions.dropLast() + [1])
    scores = seeds.scores * counted.weights(shape: pixels)
    entropy = counted.zeroingIgnored(seeds.entropy)
    self.labels = agreed
    present = seeds.present
  }
}
