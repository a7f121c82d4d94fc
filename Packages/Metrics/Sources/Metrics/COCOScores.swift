/// COCO's twelve numbers; `nil` where no true object is of that size.
public struct COCOScores: Hashable, Sendable, Codable {
  /// Precision over IoU 0.5 to 0.95, all sizes, 100 predictions a picture: "AP".
  public let averagePrecision: Double?
  /// The same at IoU 0.5.
  public let averagePrecision50: Double?
  /// The same at IoU 0.75.
  public let averagePrecision75: Double?
  /// AP of objects below 32 x 32 pixels.
  public let averagePrecisionSmall: Double?
  /// AP of objects from 32 x 32 to 96 x 96 pixels.
  public let averagePrecisionMedium: Double?
  /// AP of objects above 96 x 96 pixels.
  public let averagePrecisionLarge: Double?
  /// Recall over IoU 0.5 to 0.95 with one prediction a picture.
  public let averageRecall1: Double?
  /// Recall with ten predictions a picture.
  public let averageRecall10: Double?
  /// Recall with a hundred predictions a picture.
  public let averageRecall100: Double?
  /// Recall of objects below 32 x 32 pixels.
  public let averageRecallSmall: Double?
  /// Recall of objects from 32 x 32 to 96 x 96 pixels.
  public let averageRecallMedium: Double?
  /// Recall of objects above 96 x 96 pixels.
  public let averageRecallLarge: Double?

  /// The numbers in COCO's order, `stats` of pycocotools.
  public var all: [Double?] {
    [
      averagePrecision, averagePrecision50, averagePrecision75, averagePrecisionSmall,
      averagePrecisionMedium, averagePrecisionLarge, averageRecall1, averageRecall10,
      averageRecall100, averageRecallSmall, averageRecallMedium, averageRecallLarge,
    ]
  }
}
