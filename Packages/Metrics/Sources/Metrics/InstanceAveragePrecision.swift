internal import Tensor

/// The average precision of instance masks at fixed IoU, as VOC counts it and papers on weakly
/// supervised instance segmentation report it (AP25, AP50, AP70, AP75).
///
/// From the surest on, a prediction is right if the true object it overlaps most reaches the IoU
/// and no surer one took it; the area under the precision envelope is taken exactly. Pictures may
/// come in any order and from several processes.
public struct InstanceAveragePrecision: Sendable {
  /// The IoU a right prediction reaches.
  public let thresholds: [Double]

  private struct Category {
    var truths = 0
    var scores: [Double] = []
    /// Whether each prediction is right, threshold by threshold.
    var isRight: [[Bool]] = []
  }
  private var categories: [Int: Category] = [:]

  /// Creates an empty measure.
  ///
  /// - Parameter thresholds: The IoU a right prediction reaches.
  public init(thresholds: [Double] = [0.25, 0.5, 0.7, 0.75]) {
    self.thresholds = thresholds
  }

  /// Matches the predictions of a picture; nothing is counted where it throws.
  ///
  /// - Parameters:
  ///   - predictions: What was found.
  ///   - truths: What is there; crowds are left out.
  /// - Throws: `MetricsError` for a score of NaN or masks of several sizes.
  public mutating func add(
    _ predictions: [InstancePrediction], truths: [InstanceTruth]
  ) throws(MetricsError) {
    try checkInstances(predictions, truths)
    for truth in truths where !truth.isCrowd {
      categories[truth.category, default: Category()].truths += 1
    }
    var taken = [Set<Int>](repeating: [], count: thresholds.count)
    for index in descending(predictions.map(\.score)) {
      let prediction = predictions[index]
      var best: (index: Int, iou: Double)?
      for (position, truth) in truths.enumerated()
      where truth.category == prediction.category && !truth.isCrowd {
        let iou = prediction.mask.intersectionOverUnion(truth.mask)
        if iou > best?.iou ?? -1 { best = (position, iou) }
      }
      let isRight = thresholds.indices.map { threshold in
        guard let best, best.iou >= thresholds[threshold] else { return false }
        return taken[threshold].insert(best.index).inserted
      }
      categories[prediction.category, default: Category()].scores.append(prediction.score)
      categories[prediction.category, default: Category()].isRight.append(isRight)
    }
  }

  /// Adds another measure's pictures.
  ///
  /// - Throws: `MetricsError` where it has other thresholds.
  public mutating func merge(_ other: InstanceAveragePrecision) throws(MetricsError) {
    guard thresholds == other.thresholds else {
      throw MetricsError(
        "instances: cannot merge thresholds \(other.thresholds) into \(thresholds)")
    }
    for (label, theirs) in other.categories {
      categories[label, default: Category()].truths += theirs.truths
      categories[label, default: Category()].scores += theirs.scores
      categories[label, default: Category()].isRight += theirs.isRight
    }
  }

  /// For each threshold the average precision of each class that has a true object.
  public var averagePrecision: [[Int: Double]] {
    thresholds.indices.map { threshold in
      categories.compactMapValues { category in
        guard category.truths > 0 else { return nil }
        return Self.area(
          descending(category.scores).map { category.isRight[$0][threshold] }, category.truths)
      }
    }
  }

  /// For each threshold the mean over the classes; `nil` without a true object.
  public var meanAveragePrecision: [Double?] {
    averagePrecision.map { classes in
      mean(of: classes.sorted { $0.key < $1.key }.map(\.value))
    }
  }

  /// The area under the envelope of a ranking's precision over its recall.
  private static func area(_ isRight: [Bool], _ truths: Int) -> Double {
    var right = isRight.count { $0 }
    var (area, envelope) = (0.0, 0.0)
    for rank in isRight.indices.reversed() {
      envelope = max(envelope, Double(right) / Double(rank + 1))
      if isRight[rank] {
        area += envelope / Double(truths)
        right -= 1
      }
    }
    return area
  }
}
