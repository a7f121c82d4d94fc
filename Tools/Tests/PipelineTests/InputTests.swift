import Datasets
import Foundation
import Pipeline
import Tensor
import Testing

/// Data sets that are broken, change, or are not VOC's.
@Suite("Run, data sets", .serialized)
struct InputTests {
  private func write(_ text: String, _ path: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  }

  private func pictures(_ tiny: TinyRun, _ list: String) throws -> [String] {
    try String(
      contentsOfFile: "\(tiny.sample)/ImageSets/Segmentation/\(list).txt", encoding: .utf8
    ).split(separator: "\n").map(String.init)
  }

  @Test("pictures that cannot be read are left out by every stage, where a recipe says so")
  func broken() throws {
    let tiny = try TinyRun()
    defer { tiny.remove() }
    let ids = try ["train", "val"].map { try pictures(tiny, $0)[1] }
    for id in ids {
      let path = URL(fileURLWithPath: "\(tiny.sample)/JPEGImages/\(id).png")
      try Data(contentsOf: path).dropLast(300).write(to: path)
    }
    let names = ["classify", "segment", "boundary"]
    let strict = try tiny.recipe(["propagate.instances=true"])
    #expect(throws: DatasetError.self) { try tiny.execute(strict, in: "a", [.classify]) }
    let lenient = try tiny.recipe(["data.skipsBroken=true", "propagate.instances=true"])
    let manifest = try tiny.execute(lenient, in: "a")
    #expect(manifest.stages.count == StageName.allCases.count)
    for (stage, entry) in manifest.stages where stage != "report" {
      let texts = entry.warnings ?? []
      if stage == "predict" || stage == "evaluate" {
        #expect(texts.contains { $0.contains("left out") && $0.contains(ids[1]) }, "\(stage)")
      } else if names.contains(stage) || stage == "fbr" {
        #expect(texts.contains { $0.hasPrefix("1 pictures could not be read") }, "\(stage)")
      } else {
        #expect(texts.contains { $0.contains("left out") && $0.contains(ids[0]) }, "\(stage)")
      }
    }
    let masks = try FileManager.default.contentsOfDirectory(atPath: tiny.folder + "/a/propagate")
    #expect(masks.filter { $0.hasSuffix(".png") }.count == 23)
    let scores = try RunScores(contentsOf: "\(tiny.folder)/a/evaluate/\(RunScores.file)")
    #expect(scores.subjects.first { $0.name == "predict" }?.pictures?.count == 5)
    // None left is another matter.
    for id in try pictures(tiny, "train") {
      try write("x", "\(tiny.sample)/JPEGImages/\(id).png")
    }
    #expect(throws: (any Error).self) { try tiny.execute(lenient, in: "a", [.cam]) }
  }
}
