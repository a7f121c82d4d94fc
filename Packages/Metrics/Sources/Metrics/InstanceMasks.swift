public import Tensor

/// An object found in a picture.
public struct InstancePrediction: Hashable, Sendable {
  /// Its pixels.
  public let mask: RunLengthMask
  /// Its class; any number.
  public let category: Int
  /// How sure it is; any scale.
  public let score: Double

  /// Creates a prediction.
  public init(mask: RunLengthMask, category: Int, score: Double) {
    self.mask = mask
    self.category = category
    self.score = score
  }
}

/// A true object of a picture.
public struct InstanceTruth: Hashable, Sendable {
  /// Its pixels.
  public let mask: RunLengthMask
  /// Its class; any number.
  public let category: Int
  /// Whether it stands for a crowd: any number of predictions may lie in it, and none must.
  public let isCrowd: Bool
  /// Its area in pixels, which decides whether it is small, medium or large.
  public let area: Double

  /// Creates a true object.
  ///
  /// - Parameters:
  ///   - mask: Its pixels.
  ///   - category: Its class.
  ///   - isCrowd: Whether it stands for a crowd.
  ///   - area: COCO's `area`, the polygon's; the mask's where `nil`.
  public init(mask: RunLengthMask, category: Int, isCrowd: Bool = false, area: Double? = nil) {
    self.mask = mask
    self.category = category
    self.isCrowd = isCrowd
    self.area = area ?? Double(mask.area)
  }
}

/// Refuses what cannot be compared.
func checkInstances(
  _ predictions: [InstancePrediction], _ truths: [InstanceTruth]
) throws(MetricsError) {
  if let index = predictions.firstIndex(where: { $0.score.isNaN }) {
    throw MetricsError("instances: the score of prediction \(index) is not a number")
  }
  let masks = predictions.map(\.mask) + truths.map(\.mask)
  guard let first = masks.first else { return }
  if let other = masks.first(where: { $0.height != first.height || $0.width != first.width }) {
    throw MetricsError(
      "instances: masks of one picture have \(first.height) x \(first.width) and "
        + "\(other.height) x \(other.width) pixels")
  }
}

/// The positions of values from the highest on; equal values keep their order.
func descending(_ values: [Double]) -> [Int] {
  values.indices.sorted { (values[$1], $0) < (values[$0], $1) }
}
