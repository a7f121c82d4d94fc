internal import CMetrics
public import Tensor

/// The confusion matrices of many background thresholds, from one pass over the score maps.
///
/// A pixel gets the class of its best score where that exceeds the threshold, else background: what
/// `argmax` over a background channel filled with the threshold gives. The best threshold is chosen
/// by the truth, so a score taken from it **uses ground truth** and is no result on unseen data.
public struct ThresholdSweep: Sendable {
  /// Said beside every number from a sweep.
  public static let note = "uses ground truth"

  /// The thresholds, ascending.
  public let thresholds: [Float]
  /// The number of classes, background included.
  public let classes: Int
  private var tables: [UInt64]
  private var pictures = 0

  /// Creates an empty sweep.
  ///
  /// - Parameters:
  ///   - classes: Their number, background included, in 1...255.
  ///   - thresholds: Background scores to try, one or more, in any order.
  /// - Precondition: `classes` is in 1...255; a threshold is given and none is NaN.
  public init(classes: Int, thresholds: [Float]) {
    check((1...255).contains(classes), "ThresholdSweep: \(classes) classes, expected 1...255")
    check(
      !thresholds.isEmpty && thresholds.allSatisfy { !$0.isNaN },
      "ThresholdSweep: thresholds \(thresholds), expected one or more numbers")
    self.classes = classes
    self.thresholds = thresholds.sorted()
    tables = [UInt64](repeating: 0, count: (thresholds.count + 1) * (classes + 2) * (classes + 2))
  }

  /// Counts the pixels of a picture at every threshold; nothing is counted where it throws.
  ///
  /// - Parameters:
  ///   - scores: Foreground scores, `[H, W, C]`; C may be 0.
  ///   - labels: The class of each of the C channels, in `1..<classes`.
  ///   - target: True labels `[H, W]`: `0..<classes`, or 255 to ignore.
  /// - Throws: `MetricsError` for shapes that do not fit, a score of NaN or a label out of range.
  public mutating func add(
    scores: Tensor, labels: [Int], target: LabelMap
  ) throws(MetricsError) {
    guard scores.rank == 3, target.shape == Shape(Array(scores.shape.prefix(2))),
      labels.count == scores.shape[2]
    else {
      throw MetricsError(
        "threshold sweep: scores \(scores.shape), \(labels.count) classes and truth "
          + "\(target.shape), expected [H, W, C], C and [H, W]")
    }
    guard labels.allSatisfy({ $0 > 0 && $0 < classes }) else {
      throw MetricsError("threshold sweep: classes \(labels), expected 1...\(classes - 1)")
    }
    let invalid = { (label: UInt8) in label != LabelMap.ignoreIndex && Int(label) >= classes }
    if let pixel = target.labels.firstIndex(where: invalid) {
      throw MetricsError(
        "threshold sweep: truth has label \(target.labels[pixel]) at \(place(pixel, target)), "
          + "expected 0...\(classes - 1) or 255", isInTruth: true)
    }
    let counted = count(scores, labels.map { UInt8($0) }, target)
    guard counted == target.count else {
      throw MetricsError("threshold sweep: a score at \(place(counted, target)) is not a number")
    }
    pictures += 1
  }

  /// The confusion matrix at each threshold, in the order of `thresholds`.
  public var matrices: [ConfusionMatrix] {
    let width = classes + 2
    var matrix = ConfusionMatrix(classes: classes)
    for level in 0...thresholds.count {
      for truth in 0...classes {
        for label in 0..<classes {
          let pixels = Int(tables[(level * width + truth) * width + label])
          if truth == classes {
            matrix.addIgnored(pixels, pictures: 0)
          } else {
            // Below every threshold all pixels keep their class.
            matrix.add(pixels, truth: truth, prediction: level == 0 ? 0 : label)
          }
        }
      }
    }
    matrix.addIgnored(0, pictures: pictures)
    // Rising past a threshold, the pixels of its level fall to the background.
    return thresholds.indices.map { threshold in
      if threshold > 0 {
        for truth in 0..<classes {
          for label in 1..<max(classes, 1) {
            let pixels = Int(tables[(threshold * width + truth) * width + label])
            matrix.add(-pixels, truth: truth, prediction: label)
            matrix.add(pixels, truth: truth, prediction: 0)
          }
        }
      }
      return matrix
    }
  }

  /// The threshold of the highest mean IoU, the lowest of several; `nil` where no pixel counted.
  public var best: (threshold: Float, meanIoU: Double)? {
    var best: (threshold: Float, meanIoU: Double)?
    for (threshold, matrix) in zip(thresholds, matrices) {
      guard let score = matrix.meanIoU else { return nil }
      if score > best?.meanIoU ?? -1 { best = (threshold, score) }
    }
    return best
  }

  /// Adds the counts of another sweep, such as another process's share of the pictures.
  ///
  /// - Throws: `MetricsError` where it has other classes or thresholds.
  public mutating func merge(_ other: ThresholdSweep) throws(MetricsError) {
    guard classes == other.classes, thresholds == other.thresholds else {
      throw MetricsError("threshold sweep: cannot merge one of other classes or thresholds")
    }
    for index in tables.indices { tables[index] += other.tables[index] }
    pictures += other.pictures
  }

  private func place(_ pixel: Int, _ labels: LabelMap) -> String {
    "[\(pixel / labels.shape[1]), \(pixel % labels.shape[1])]"
  }

  /// Counts into `tables`; returns the first pixel with a NaN, the number of pixels if none has.
  private mutating func count(_ scores: Tensor, _ labels: [UInt8], _ target: LabelMap) -> Int {
    let rows = (0...255).map { UInt16(min($0, classes)) }
    var counted = tables
    let end = unsafe scores.withUnsafeScalars { scores in
      // An empty tensor may have no address; the loop then reads nothing of it.
      guard let start = scores.baseAddress else { return target.count }
      // Safe: a score for each pixel and label, a row for each label, tables for every level.
      return unsafe cm_count_levels(
        start, labels.count, labels, target.labels, rows, thresholds, thresholds.count,
        classes + 2, &counted, target.count)
    }
    if end == target.count { tables = counted }
    return end
  }
}
