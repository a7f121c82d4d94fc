public import Tensor

/// How well image-level scores tell which classes an image shows.
public struct ClassificationScores: Hashable, Sendable, Codable {
  /// The average precision of each class; `nil` for one without a positive image.
  public let averagePrecision: [Double?]
  /// The harmonic mean of precision and recall of each class at the threshold; `nil` for one
  /// neither shown nor predicted anywhere.
  public let f1: [Double?]
  /// The F1 of all decisions together; `nil` where nothing is shown or predicted.
  public let microF1: Double?

  /// The mean average precision over the classes that have one.
  public var meanAveragePrecision: Double? { mean(of: averagePrecision) }

  /// The mean F1 over the classes that have one.
  public var macroF1: Double? { mean(of: f1) }

  /// Scores a set of images.
  ///
  /// - Parameters:
  ///   - scores: A score an image and class, `[N, C]`; any scale.
  ///   - labels: 1 where the image shows the class, else 0, `[N, C]`.
  ///   - threshold: Scores above it count as predicted, for F1.
  /// - Throws: `MetricsError` for shapes that differ, a score of NaN, naming image and class, or a
  ///   label other than 0 and 1.
  public init(scores: Tensor, labels: Tensor, threshold: Float = 0.5) throws(MetricsError) {
    guard scores.rank == 2, scores.shape == labels.shape else {
      throw MetricsError(
        "classification: scores \(scores.shape), labels \(labels.shape), expected equal [N, C]")
    }
    let (images, classes) = (scores.shape[0], scores.shape[1])
    let (values, truth) = (scores.scalars, labels.scalars)
    for index in values.indices
    where values[index].isNaN || (truth[index] != 0 && truth[index] != 1) {
      let place = "image \(index / classes), class \(index % classes)"
      throw MetricsError(
        values[index].isNaN
          ? "classification: the score of \(place) is not a number"
          : "classification: the label of \(place) is \(truth[index]), expected 0 or 1")
    }
    var (precisions, f1s): ([Double?], [Double?]) = ([], [])
    var (allRight, allShown) = (0, 0)
    for label in 0..<classes {
      let column = (0..<images).map { values[$0 * classes + label] }
      let isShown = (0..<images).map { truth[$0 * classes + label] == 1 }
      precisions.append(try Metrics.averagePrecision(scores: column, isPositive: isShown))
      let isPredicted = column.map { $0 > threshold }
      let right = zip(isShown, isPredicted).count { $0 && $1 }
      // Shown and predicted pixels: twice the true positives and all errors.
      let shown = isShown.count { $0 } + isPredicted.count { $0 }
      f1s.append(ratio(2 * right, shown))
      allRight += right
      allShown += shown
    }
    averagePrecision = precisions
    f1 = f1s
    microF1 = ratio(2 * allRight, allShown)
  }
}
