import Foundation
import Metrics
import Tensor
import Testing

@Suite("SegmentationReport")
struct SegmentationReportTests {
  func report(_ policy: ConfusionMatrix.UnknownPredictions) throws -> SegmentationReport {
    let target = LabelMap([0, 0, 1, 1, 1, 255], shape: [2, 3])
    let prediction = LabelMap([0, 1, 1, 1, 255, 0], shape: [2, 3])
    var matrix = ConfusionMatrix(classes: 3, unknownPredictions: policy)
    try matrix.add(prediction, target: target)
    return try SegmentationReport(
      matrix, names: ["background", "cat", "dog"], notes: [ThresholdSweep.note])
  }

  @Test("the table is aligned and says what 255 counts as") func table() throws {
    let lines = try report(.error).table.split(separator: "\n").map(String.init)
    #expect(
      lines == [
        "class         IoU  precision  recall     FP     FN  boundary  pixels",
        "background  50.00     100.00   50.00   0.00  50.00         -       2",
        "cat         50.00      66.67   66.67  25.00  25.00         -       3",
        "dog             -          -       -      -      -         -       0",
        "mean IoU                50.00",
        "pixel accuracy          60.00",
        "mean accuracy           58.33",
        "frequency-weighted IoU  50.00",
        "mean boundary IoU           -",
        "background FP, FN        0.00  50.00",
        "foreground FP, FN       25.00  25.00",
        "pictures: 1; pixels ignored: 1; predictions of 255 count as errors (pixels: 1)",
        "uses ground truth",
      ])
    #expect(try report(.background).table.contains("predictions of 255 count as background\n"))
  }

  @Test("JSON reads back to the same report") func json() throws {
    let report = try report(.error)
    let text = try report.json()
    let read = try JSONDecoder().decode(SegmentationReport.self, from: Data(text.utf8))
    #expect(read == report)
    #expect(
      text.contains("\"meanIoU\" : 0.5") && text.contains("\"unknownPredictions\" : \"error\""))
  }

  @Test("names must match the classes") func names() {
    #expect(
      message { _ = try SegmentationReport(ConfusionMatrix(classes: 3), names: ["a", "b"]) }
        == "report: 2 names and a boundary IoU of 0 classes for a matrix of 3")
  }
}
