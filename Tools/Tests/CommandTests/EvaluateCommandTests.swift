import Datasets
import Foundation
import Metrics
import Tensor
import TensorIO
import Testing

@Suite("fbr evaluate")
struct EvaluateCommandTests {
  @Test("masks are scored as the library has it; policies and lists count")
  func masks() throws {
    let program = try Program()
    defer { program.remove() }
    for id in ["a", "b"] { try program.drawScene(id) }
    try FileManager.default.removeItem(atPath: program.path("rough/b.png"))
    let arguments = ["evaluate", "--pred", "rough", "--gt", "mask"]
    var run = try program.run(arguments + ["--json", "--boundary"])
    #expect(run.status == 0, "\(run.error)")
    var matrix = ConfusionMatrix(classes: 21)
    try matrix.add(program.mask("rough/a.png"), target: program.mask("mask/a.png"))
    let report = try #require(run.object()["report"] as? [String: Any])
    // JSON's parser rounds the last digit.
    let score = try #require(report["meanIoU"] as? Double)
    #expect(try abs(score - #require(matrix.meanIoU)) < 1e-12)
    #expect(report["unknownPixels"] as? Int == 1 && report["meanBoundaryIoU"] is Double)
    #expect(
      report["notes"] as? [String]
        == ["true masks without a prediction, not counted: 1; --list demands them"])
    run = try program.run(arguments + ["--unknown", "background"])
    #expect(run.out.contains("predictions of 255 count as background"))
    try program.write("a\nb\n", "both.txt")
    run = try program.run(arguments + ["--list", "both.txt"])
    #expect(run.status == 65)
    #expect(run.error.contains("Error: rough: holds no file of 'b' that ends in .png"))
    // Label 3 ignored: the background alone counts.
    run = try program.run(arguments + ["--ignore", "3", "--json"])
    let other = try #require(run.object()["report"] as? [String: Any])
    #expect(other["ignoredPixels"] as? Int == 12 * 16)
  }

  @Test("maps are tried at thresholds, said to use ground truth")
  func maps() throws {
    let program = try Program()
    defer { program.remove() }
    try program.drawScene("a")
    let run = try program.run(
      "evaluate", "--maps", "maps", "--gt", "mask", "--thresholds", "0.3,0.009,0.9")
    #expect(run.status == 0, "\(run.error)")
    #expect(run.out.contains("best, uses ground truth: 0."))
    #expect(run.out.contains("no result on unseen data"))
    let json = try program.run(
      "evaluate", "--maps", "maps", "--gt", "mask", "--thresholds", "0.3,0.009", "--json"
    ).object()
    let points = try #require(json["sweep"] as? [[String: Any]])
    #expect(points.map { $0["threshold"] as? Double } == [0.009, 0.3])
    var sweep = ThresholdSweep(classes: 21, thresholds: [0.009, 0.3])
    let maps = try #require(NPZFile.read(program.path("maps/a.npz"))["maps"]?.tensor)
    try sweep.add(
      scores: maps.reshaped(1, 12, 16, 2).resized(height: 24, width: 32).reshaped(24, 32, 2),
      labels: [3, 5], target: program.mask("mask/a.png"))
    for (point, matrix) in zip(points, sweep.matrices) {
      let score = try #require(point["meanIoU"] as? Double)
      #expect(try abs(score - #require(matrix.meanIoU)) < 1e-12)
    }
  }
}
