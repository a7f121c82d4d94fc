internal import Foundation
internal import Tensor

/// The scores of a segmentation, as a table for people and as JSON.
///
/// All scores are shares in 0...1; the table shows percent. What is undefined is `-` in the table
/// and absent in JSON.
public struct SegmentationReport: Hashable, Sendable, Codable {
  /// One class's line.
  public struct Row: Hashable, Sendable, Codable {
    /// The class's name.
    public let name: String
    /// Its scores.
    public let scores: ClassScores
    /// Its boundary IoU, if that was measured.
    public let boundaryIoU: Double?
    /// The number of its true pixels.
    public let truePixels: Int
  }

  /// The classes, background first.
  public let classes: [Row]
  /// The mean IoU over the classes that have one.
  public let meanIoU: Double?
  /// The share of pixels that are right.
  public let pixelAccuracy: Double?
  /// The mean recall over the classes that are true somewhere.
  public let meanAccuracy: Double?
  /// The IoU weighted by true pixels.
  public let frequencyWeightedIoU: Double?
  /// The mean boundary IoU, if that was measured.
  public let meanBoundaryIoU: Double?
  /// The background's false positives over its union.
  public let backgroundFalsePositiveRate: Double?
  /// The background's false negatives over its union.
  public let backgroundFalseNegativeRate: Double?
  /// The mean false positives over the union of the foreground classes.
  public let foregroundFalsePositiveRate: Double?
  /// The mean false negatives over the union of the foreground classes.
  public let foregroundFalseNegativeRate: Double?
  /// What became of pixels predicted as 255.
  public let unknownPredictions: ConfusionMatrix.UnknownPredictions
  /// The number of pixels predicted as 255 that count as errors.
  public let unknownPixels: Int
  /// The number of pixels that counted nowhere.
  public let ignoredPixels: Int
  /// The number of pictures.
  public let pictures: Int
  /// What a reader must know, such as `ThresholdSweep.note`.
  public let notes: [String]

  /// Collects the scores of a matrix.
  ///
  /// - Parameters:
  ///   - matrix: The counted pixels.
  ///   - names: The classes' names, background first.
  ///   - boundary: The boundary IoU of the same pictures.
  ///   - notes: What a reader must know.
  /// - Throws: `MetricsError` where the number of names or of the boundary's classes is another.
  public init(
    _ matrix: ConfusionMatrix, names: [String], boundary: BoundaryIoU? = nil, notes: [String] = []
  ) throws(MetricsError) {
    guard names.count == matrix.classes, boundary?.classes ?? names.count == names.count else {
      throw MetricsError(
        "report: \(names.count) names and a boundary IoU of \(boundary?.classes ?? 0) classes for "
          + "a matrix of \(matrix.classes)")
    }
    let (scores, pixels, boundaries) = (matrix.classScores, matrix.truePixels, boundary?.iou)
    classes = names.indices.map { index in
      Row(
        name: names[index], scores: scores[index], boundaryIoU: boundaries?[index],
        truePixels: pixels[index])
    }
    meanIoU = matrix.meanIoU
    pixelAccuracy = matrix.pixelAccuracy
    meanAccuracy = matrix.meanAccuracy
    frequencyWeightedIoU = matrix.frequencyWeightedIoU
    meanBoundaryIoU = boundary?.meanIoU
    (backgroundFalsePositiveRate, backgroundFalseNegativeRate) = matrix.backgroundRates
    (foregroundFalsePositiveRate, foregroundFalseNegativeRate) = matrix.foregroundRates
    unknownPredictions = matrix.unknownPredictions
    unknownPixels = matrix.unknown.reduce(0, +)
    ignoredPixels = matrix.ignored
    pictures = matrix.pictures
    self.notes = notes
  }

  /// The report as an aligned table, a line a class and a line a mean; ends with a newline.
  public var table: String {
    var lines = [["class", "IoU", "precision", "recall", "FP", "FN", "boundary", "pixels"]]
    for row in classes {
      let scores = row.scores
      lines.append(
        [row.name]
          + [
            scores.iou, scores.precision, scores.recall, scores.falsePositiveRate,
            scores.falseNegativeRate, row.boundaryIoU,
          ].map(percent) + ["\(row.truePixels)"])
    }
    let summary: [[String]] = [
      ["mean IoU", percent(meanIoU)], ["pixel accuracy", percent(pixelAccuracy)],
      ["mean accuracy", percent(meanAccuracy)],
      ["frequency-weighted IoU", percent(frequencyWeightedIoU)],
      ["mean boundary IoU", percent(meanBoundaryIoU)],
      [
        "background FP, FN", percent(backgroundFalsePositiveRate),
        percent(backgroundFalseNegativeRate),
      ],
      [
        "foreground FP, FN", percent(foregroundFalsePositiveRate),
        percent(foregroundFalseNegativeRate),
      ],
    ]
    let policy =
      switch unknownPredictions {
      case .error: "errors (pixels: \(unknownPixels))"
      case .background: "background"
      }
    let remarks = [
      "pictures: \(pictures); pixels ignored: \(ignoredPixels); predictions of 255 count as \(policy)"
    ]
    return aligned(lines) + "\n" + aligned(summary) + "\n"
      + (remarks + notes).map { $0 + "\n" }.joined()
  }

  /// The report as JSON with sorted keys.
  ///
  /// - Throws: `EncodingError`, which finite scores never cause.
  public func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}

private func percent(_ share: Double?) -> String {
  share.map { String(format: "%.2f", $0 * 100) } ?? "-"
}

/// Lines whose columns share a width: the first to the left, numbers to the right.
private func aligned(_ lines: [[String]]) -> String {
  let columns = lines.map(\.count).max() ?? 0
  let widths = (0..<columns).map { column in
    lines.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
  }
  return lines.map { line in
    line.enumerated().map { column, cell in
      let space = String(repeating: " ", count: widths[column] - cell.count)
      return column == 0 ? cell + space : "  " + space + cell
    }.joined() + "\n"
  }.joined()
}
