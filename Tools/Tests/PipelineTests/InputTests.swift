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

  @Test("another remapping of masks is another ground truth")
  func remapping() throws {
    let tiny = try TinyRun()
    defer { tiny.remove() }
    for list in ["train", "val"] {
      let lines = try pictures(tiny, list).map {
        "JPEGImages/\($0).png SegmentationClass/\($0).png"
      }
      try write(lines.joined(separator: "\n") + "\n", "\(tiny.sample)/\(list)-masks.txt")
    }
    func recipe(_ more: String...) throws -> Recipe {
      try tiny.recipe(
        [
          "data.kind=masks", "data.train=train-masks.txt", "data.validation=val-masks.txt",
          "data.classes=classes.txt", "evaluate.subjects=[cam]",
        ] + more)
    }
    let stages: [StageName] = [.classify, .cam, .evaluate]
    let first = try tiny.execute(recipe(), in: "a", stages)
    let labels = "data.labels=\(tiny.folder)/labels.csv"
    let source = try MaskedImageList(
      root: tiny.sample, list: tiny.sample + "/train-masks.txt",
      classes: ClassTable(contentsOf: tiny.sample + "/classes.txt"))
    let other = try MaskedImageList(
      root: tiny.sample, list: tiny.sample + "/val-masks.txt", classes: source.classes)
    let rows = (source.records + other.records).map { record in
      "\(record.id),\(record.labels.map { source.classes.names[$0 - 1] }.joined(separator: ";"))\n"
    }
    try write("id,classes\n" + rows.joined(), tiny.folder + "/labels.csv")
    let same = try tiny.execute(recipe(labels), in: "a", stages)
    #expect(same.stages == first.stages)
    let maps = (0..<source.classes.count + 1).map { "\($0): \($0 == 1 ? 2 : $0)" }
    let changed = try tiny.execute(
      recipe(labels, "data.remapping={\(maps.joined(separator: ", "))}"), in: "a", stages)
    #expect(changed.stages["cam"] == first.stages["cam"])
    #expect(changed.stages["evaluate"]?.outputs != first.stages["evaluate"]?.outputs)
  }

  /// The sample's first pictures as COCO has them: numbers with zeros before, categories with gaps.
  private func makeCOCO(_ tiny: TinyRun, side: Int) throws {
    let root = tiny.folder + "/coco"
    for name in ["annotations", "train"] {
      try FileManager.default.createDirectory(
        atPath: "\(root)/\(name)", withIntermediateDirectories: true)
    }
    var (images, annotations): ([String], [String]) = ([], [])
    for (index, id) in try pictures(tiny, "train").prefix(8).enumerated() {
      let number = 139 + index
      let file = String(format: "%012d.png", number)
      let image = try Image(contentsOf: "\(tiny.sample)/JPEGImages/\(id).png")
      try image.writePNG(to: "\(root)/train/\(file)")
      images.append(
        "{\"id\": \(number), \"file_name\": \"\(file)\", \"height\": \(image.height), "
          + "\"width\": \(image.width)}")
      let outline = "[[8, 8, \(side), 8, \(side), \(side), 8, \(side)]]"
      annotations.append(
        "{\"id\": \(number), \"image_id\": \(number), \"category_id\": \(index % 2 == 0 ? 3 : 90), "
          + "\"iscrowd\": 0, \"segmentation\": \(outline)}")
    }
    try write(
      """
      {"images": [\(images.joined(separator: ",\n"))],
       "annotations": [\(annotations.joined(separator: ",\n"))],
       "categories": [{"id": 3, "name": "car"}, {"id": 90, "name": "toothbrush"}]}
      """, "\(root)/annotations/instances_train.json")
  }

  @Test("COCO's instances have its ids; other outlines are another ground truth")
  func coco() throws {
    let tiny = try TinyRun()
    defer { tiny.remove() }
    try makeCOCO(tiny, side: 40)
    let recipe = try tiny.recipe([
      "data.kind=coco", "data.root=\(tiny.folder)/coco", "data.validation=''",
      "propagate.instances=true", "evaluate.subjects=[cam]",
    ])
    let stages: [StageName] = [
      .classify, .cam, .seed, .fbr, .activate, .relabel, .boundary, .propagate, .evaluate,
    ]
    let first = try tiny.execute(recipe, in: "a", stages)
    var found: [[String: Any]] = []
    for number in 139..<147 {
      let path = tiny.folder + "/a/propagate/instances/" + String(format: "%012d.json", number)
      let objects = try #require(
        JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path)))
          as? [[String: Any]])
      #expect(objects.allSatisfy { $0["image_id"] as? Int == number })
      found += objects
    }
    #expect(!found.isEmpty && found.allSatisfy { [3, 90].contains($0["category_id"] as? Int) })
    try makeCOCO(tiny, side: 30)
    let changed = try tiny.execute(recipe, in: "a", [.cam, .evaluate])
    #expect(changed.stages["cam"] == first.stages["cam"])
    #expect(changed.stages["evaluate"]?.outputs != first.stages["evaluate"]?.outputs)
  }
}
