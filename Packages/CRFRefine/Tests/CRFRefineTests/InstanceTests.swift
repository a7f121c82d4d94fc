import CRFRefine
import Foundation
import Tensor
import TensorTestSupport
import Testing

/// Instances; the golden numbers follow IRN's steps pixel by pixel in double.
@Suite("Instances")
struct InstanceTests {
  let golden: GoldenFile

  init() throws { golden = try GoldenFile("instances", in: .module) }

  func integers(_ tensor: Tensor) -> [Int] { tensor.scalars.map { Int($0) } }

  func text(_ body: () throws -> Any) -> String {
    do { return "\(try body())" } catch { return "\(error)" }
  }

  @Test("groups of centres and instances are the definition's")
  func definition() throws {
    #expect(golden.cases.count == 3)
    for golden in golden.cases {
      let weakness = Float(golden.number("weakness"))
      let centroids = try CentroidGroups(displacement: golden["displacement"], weakness: weakness)
      #expect(
        centroids.groups.indices.map { Int($0) } == integers(golden["groups"]), "\(golden.name)")
      #expect(centroids.count == integers(golden["groups"]).reduce(0, max) + 1)
      var recipe = InstanceSegmentation()
      (recipe.weakness, recipe.keepsFragments) = (weakness, true)
      let masks = try recipe.instances(
        maps: golden["maps"], classes: integers(golden["classes"]), boundary: golden["boundary"],
        displacement: golden["displacement"], height: golden.integer("height"),
        width: golden.integer("width"))
      #expect(masks.instances.map(\.label) == integers(golden["labels"]), "\(golden.name)")
      let scores = Tensor(masks.instances.map(\.score))
      #expect(difference(from: golden["scores"], scores, relative: 1e-5) == nil, "\(golden.name)")
      #expect(masks.ids.indices.map { Int($0) } == integers(golden["ids"]), "\(golden.name)")
      recipe.keepsFragments = false
      let kept = try recipe.instances(
        maps: golden["maps"], classes: integers(golden["classes"]), boundary: golden["boundary"],
        displacement: golden["displacement"], height: golden.integer("height"),
        width: golden.integer("width"))
      #expect(kept.instances == masks.instances.filter { $0.score > 0 })
    }
  }

  @Test("maps of zeros, no maps and one pixel")
  func degenerate() throws {
    let recipe = InstanceSegmentation()
    let field = Tensor.zeros([3, 4, 2])
    for classes in [[], [5]] {
      let masks = try recipe.instances(
        maps: .zeros([3, 4, classes.count]), classes: classes, boundary: .zeros([3, 4]),
        displacement: field, height: 12, width: 16)
      #expect(masks.instances.isEmpty && masks.ids.indices.allSatisfy { $0 == 0 })
    }
    let pixel = try recipe.instances(
      maps: .ones([1, 1, 1]), classes: [7], boundary: .zeros([1, 1]),
      displacement: .zeros([1, 1, 2]), height: 1, width: 1)
    #expect(pixel.instances.map(\.label) == [7] && pixel.instances[0].score == 1)
    #expect(pixel.ids.indices == [1])
    // A field that leads nowhere makes one group of all pixels.
    let strong = try CentroidGroups(displacement: Tensor(repeating: 9, shape: [3, 4, 2]))
    #expect(strong.count == 1 && strong.groups.indices.allSatisfy { $0 == 0 })
  }

  @Test("COCO's result format")
  func coco() throws {
    let mask = RunLengthMask(bitmap: [0, 1, 1, 0, 0, 1], height: 2, width: 3)
    let masks = InstanceMasks(
      height: 2, width: 3, instances: [Instance(label: 2, score: 0.5, mask: mask)])
    let json = cocoResults([("139", masks), ("2007_000032", masks), ("a\"\\\n", masks)])
    let parsed = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]] ?? []
    #expect(parsed.map { "\($0["image_id"] ?? "")" } == ["139", "2007_000032", "a\"\\\n"])
    #expect(parsed.allSatisfy { $0["category_id"] as? Int == 2 && $0["score"] as? Double == 0.5 })
    let segmentation = parsed.first?["segmentation"] as? [String: Any]
    #expect(segmentation?["size"] as? [Int] == [2, 3])
    #expect(segmentation?["counts"] as? String == mask.compressed)
    #expect(
      cocoResults([("1", masks)], categoryIDs: [2: 44])
        == "[{\"image_id\":1,\"category_id\":44,\"segmentation\":{\"size\":[2,3],\"counts\":"
        + "\"\(mask.compressed)\"},\"score\":0.5}]\n")
    #expect(cocoResults([]) == "[]\n")
    #expect(try masks.labelMap() == LabelMap([0, 1, 1, 0, 0, 1], shape: [2, 3]))
    let many = InstanceMasks(
      height: 2, width: 3, instances: [Instance](repeating: masks.instances[0], count: 255))
    #expect(
      text { try many.labelMap() } == "instances: 255 objects do not fit a label map, at most 254")
  }

  @Test("what cannot be is refused with its reason")
  func refusals() {
    func made(
      _ maps: Tensor = .ones([3, 4, 1]), _ classes: [Int] = [1],
      _ boundary: Tensor = .zeros([3, 4]),
      _ field: Tensor = .zeros([3, 4, 2]), height: Int = 12
    ) -> String {
      text {
        try InstanceSegmentation().instances(
          maps: maps, classes: classes, boundary: boundary, displacement: field, height: height,
          width: 16)
      }
    }
    #expect(
      made(.ones([3, 4, 2])) == "instances: maps [3, 4, 2] for 1 classes, expected [H, W, 1]")
    #expect(made(.ones([3, 4, 1]), [255]) == "instances: class 255, expected 1...254")
    #expect(
      made(.ones([3, 4, 2]), [3, 3]) == "instances: classes [3, 3], expected each once")
    #expect(
      made(.ones([3, 4, 1]), [1], .zeros([4, 3]))
        == "instances: boundary [4, 3] and displacements [3, 4, 2] for maps [3, 4, 1]")
    #expect(made(height: 0) == "instances: an image of 0 x 16, expected 1 x 1 or more")
    var field = Tensor.zeros([3, 4, 2])
    field[2, 1, 0] = .nan
    #expect(
      made(.ones([3, 4, 1]), [1], .zeros([3, 4]), field)
        == "displacements: nan at [2, 1, 0], expected finite")
    #expect(
      text { try CentroidGroups(displacement: .zeros([3, 4])) }
        == "displacements: [3, 4], expected [H, W, 2] of 1 x 1 or more")
  }
}
