public import Autograd
public import Tensor

/// Pixel-to-prototype contrast (PPC): each foreground pixel against the prototypes of all classes.
///
/// `-log softmax over the prototypes of cos(z, p) / tau, at the pixel's class`, mean over the
/// pixels. Across views: prototypes of the other view, with that view's labels or this one's.
/// Across CAMs: labels of the one map with prototypes of the other (Du et al., CVPR 2022).
/// Gradients flow through the pixels only.
///
/// - Parameters:
///   - features: `[B, H, W, D]`.
///   - labels: `[B, H, W]`. Background and 255 do not count, nor classes without a prototype.
///   - prototypes: The classes to tell apart.
///   - temperature: The method's 0.1.
/// - Returns: A scalar; 0 without a gradient where no pixel counts.
public func pixelToPrototypeNCE(
  _ features: Variable, labels: LabelMap, prototypes: Prototypes, temperature: Float = 0.1
) -> Variable {
  check(
    features.shape.rank == 4
      && features.shape.dimensions.dropLast() == labels.shape.dimensions[...],
    "pixelToPrototypeNCE: features \(features.shape) and labels \(labels.shape)")
  let queries = Queries(foregroundOf: labels).keeping(prototypes.classes.contains)
  let row = Dictionary(uniqueKeysWithValues: prototypes.classes.enumerated().map { ($1, $0) })
  let others = queries.classes.flatMap { c in
    (0..<prototypes.classes.count).filter { $0 != row[c] }.map(Int32.init)
  }
  let draws = NegativeDraws(
    lists: IndexTensor(
      others, shape: [queries.classes.count, max(prototypes.classes.count - 1, 0)]),
    listOfQuery: queries.ranges.enumerated().flatMap {
      [Int32](repeating: Int32($0), count: $1.count)
    })
  return infoNCE(
    features, queries: queries, prototypes: prototypes, negatives: prototypes.embeddings,
    draws: draws, temperature: temperature, weighting: .pixels)
}
