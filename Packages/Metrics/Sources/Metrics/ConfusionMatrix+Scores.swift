/// Scores of one class; `nil` where nothing defines them.
public struct ClassScores: Hashable, Sendable, Codable {
  /// True positives over the pixels that are or were predicted as the class.
  public let iou: Double?
  /// The share of the class's predicted pixels that are right.
  public let precision: Double?
  /// The share of the class's true pixels that were found; the class's accuracy.
  public let recall: Double?
  /// False positives over the same union as `iou`.
  public let falsePositiveRate: Double?
  /// False negatives over the same union: `iou` and both rates add up to 1.
  public let falseNegativeRate: Double?
}

extension ConfusionMatrix {
  /// The number of true pixels of each class.
  public var truePixels: [Int] {
    (0..<classes).map { truth in
      counts[truth * classes..<(truth + 1) * classes].reduce(unknown[truth], +)
    }
  }

  /// The number of pixels predicted as each class, where the truth is known.
  public var predictedPixels: [Int] {
    (0..<classes).map { label in (0..<classes).reduce(0) { $0 + self[$1, label] } }
  }

  /// The scores of each class, in order.
  ///
  /// A class that is neither true nor predicted anywhere has none. Rates over the union are those
  /// the IRN family of methods reports (https://github.com/jiwoon-ahn/irn, `step/eval_cam.py`).
  public var classScores: [ClassScores] {
    let (truth, predicted) = (truePixels, predictedPixels)
    return (0..<classes).map { label in
      let right = self[label, label]
      let union = truth[label] + predicted[label] - right
      return ClassScores(
        iou: ratio(right, union), precision: ratio(right, predicted[label]),
        recall: ratio(right, truth[label]),
        falsePositiveRate: ratio(predicted[label] - right, union),
        falseNegativeRate: ratio(truth[label] - right, union))
    }
  }

  /// The IoU of each class; `nil` where it is neither true nor predicted anywhere.
  public var iou: [Double?] { classScores.map(\.iou) }

  /// The mean IoU of the classes that have one; `nil` where no pixel counted.
  public var meanIoU: Double? { mean(of: iou) }

  /// The share of pixels that are right.
  public var pixelAccuracy: Double? {
    ratio((0..<classes).reduce(0) { $0 + self[$1, $1] }, truePixels.reduce(0, +))
  }

  /// The mean recall of the classes that are true somewhere.
  public var meanAccuracy: Double? { mean(of: classScores.map(\.recall)) }

  /// The IoU of the classes weighted by their true pixels.
  public var frequencyWeightedIoU: Double? {
    let truth = truePixels
    let total = truth.reduce(0, +)
    guard total > 0 else { return nil }
    return zip(truth, iou).reduce(0) { $0 + Double($1.0) * ($1.1 ?? 0) } / Double(total)
  }

  /// False positives and false negatives of the background, over its union.
  public var backgroundRates: (falsePositive: Double?, falseNegative: Double?) {
    let scores = classScores[0]
    return (scores.falsePositiveRate, scores.falseNegativeRate)
  }

  /// The means over the foreground classes of false positives and false negatives over the union.
  public var foregroundRates: (falsePositive: Double?, falseNegative: Double?) {
    let scores = classScores.dropFirst()
    return (
      mean(of: scores.map(\.falsePositiveRate)), mean(of: scores.map(\.falseNegativeRate))
    )
  }
}

func ratio(_ part: Int, _ whole: Int) -> Double? {
  whole > 0 ? Double(part) / Double(whole) : nil
}

/// The mean of what is defined.
func mean(of values: [Double?]) -> Double? {
  let defined = values.compactMap { $0 }
  return defined.isEmpty ? nil : defined.reduce(0, +) / Double(defined.count)
}
