import Datasets
import Foundation
import Metrics
import Pipeline
import Testing

/// The sample recipe from labels to pseudo masks, on few small pictures: not good, but far better
/// than a pipeline that is broken somewhere.
@Suite("End to end")
struct EndToEndTests {
  @Test("from image labels alone, maps and masks come out that fit the objects")
  func floor() throws {
    let tiny = try TinyRun()
    defer { tiny.remove() }
    let data = tiny.folder + "/pictures"
    try SampleSet.make(seed: 5, count: 96, validationCount: 32, size: 64).write(to: data)
    let recipes = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Recipes")
    let crops = ["classify", "fbr", "boundary"].map { "\($0).augmentation.crop=64" }
    let epochs = [("classify", 30), ("fbr", 6), ("boundary", 4)]
      .map { "\($0.0).training.epochs=\($0.1)" }
    let recipe = try Recipe(
      contentsOf: recipes.appendingPathComponent("sample.yaml").path,
      overrides: [
        "data.root=\(data)", "classify.augmentation.longSide=[56, 88]",
        "evaluate.subjects=[cam, seed, activate, relabel, propagate]",
        "cam.validation=true", "activate.validation=true",
      ] + crops + epochs)
    _ = try tiny.execute(
      recipe, in: "run", StageName.allCases.filter { $0 <= .propagate } + [.evaluate])
    let scores = try RunScores(contentsOf: "\(tiny.folder)/run/evaluate/\(RunScores.file)")
    for subject in scores.subjects {
      // What a mask that is all background would score.
      let matrix = subject.confusion
      let background = (0..<matrix.classes).reduce(0) { $0 + matrix[0, $1] }
      let baseline =
        Double(background) / Double(matrix.counts.reduce(0, +)) / Double(matrix.classes)
      #expect(
        subject.report.meanIoU ?? 0 > 1.5 * baseline,
        "\(subject.name) \(subject.list): \(subject.report.meanIoU ?? 0), all background \(baseline)"
      )
    }
    #expect(
      scores.subjects.map { "\($0.name) \($0.list)" } == [
        "cam train", "cam validation", "seed train", "activate train", "activate validation",
        "relabel train", "propagate train",
      ])
  }
}
