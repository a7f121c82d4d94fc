import Tensor
import TensorTestSupport
import Testing

@Suite("RunLengthMask")
struct RunLengthMaskTests {
  let golden: GoldenFile

  init() throws { golden = try GoldenFile("run_length_mask", in: .module) }

  func bytes(_ tensor: Tensor) -> [UInt8] { tensor.scalars.map { UInt8($0) } }

  @Test("a polygon has pycocotools' runs") func polygons() throws {
    let cases = golden.cases.filter { $0.has("polygon") }
    #expect(cases.count == 32)
    for golden in cases {
      let mask = try RunLengthMask(
        polygon: golden["polygon"].scalars.map { Double($0) }, height: golden.integer("height"),
        width: golden.integer("width"))
      if golden.has("bitmap") {
        #expect(mask.bitmap == bytes(golden["bitmap"]), "\(golden.name)")
      }
      #expect(Array(mask.compressed.utf8) == bytes(golden["compressed"]), "\(golden.name)")
    }
  }

  @Test("bitmaps, codes, unions and intersections are pycocotools'") func bitmaps() throws {
    let cases = golden.cases.filter { $0.has("union") }
    #expect(cases.count == 5)
    for golden in cases {
      let bitmap = bytes(golden["bitmap"])
      let mask = RunLengthMask(bitmap: bitmap, height: 23, width: 31)
      #expect(Array(mask.compressed.utf8) == bytes(golden["compressed"]))
      #expect(try RunLengthMask(compressed: mask.compressed.utf8, height: 23, width: 31) == mask)
      #expect(mask.bitmap == bitmap)
      #expect(mask.area == golden.integer("area"))
      if golden.has("counts") {
        #expect(mask.counts == golden["counts"].scalars.map { Int($0) })
      }
      let other = RunLengthMask(bitmap: bytes(golden["other"]), height: 23, width: 31)
      #expect(mask.union(other).bitmap == bytes(golden["union"]))
      #expect(mask.intersection(other).bitmap == bytes(golden["intersection"]))
      #expect(mask.intersectionArea(other) == mask.intersection(other).area)
      #expect(try RunLengthMask(counts: mask.counts, height: 23, width: 31) == mask)
    }
  }

  @Test("a mask without pixels") func empty() throws {
    let mask = RunLengthMask(bitmap: [], height: 0, width: 5)
    #expect(mask.area == 0 && mask.bitmap.isEmpty)
    #expect(try RunLengthMask(counts: [0], height: 0, width: 5) == mask)
  }

  @Test("broken codes and polygons say what is wrong") func broken() {
    func text(_ body: () throws -> RunLengthMask) -> String {
      do { return "\(try body())" } catch { return "\(error)" }
    }
    #expect(
      text { try RunLengthMask(counts: [3, 2], height: 2, width: 3) }
        == "the runs sum to 5, expected 6 (2 x 3)")
    #expect(
      text { try RunLengthMask(counts: [3, 4], height: 2, width: 3) }
        == "a run of 4 after 3 of 6 pixels (2 x 3)")
    #expect(
      text { try RunLengthMask(counts: [-1], height: 2, width: 3) }
        == "a run of -1 after 0 of 6 pixels (2 x 3)")
    #expect(
      text { try RunLengthMask(counts: [], height: 1 << 20, width: 1 << 20) }
        == "a mask of 1048576 x 1048576 pixels")
    #expect(
      text { try RunLengthMask(compressed: "1 2".utf8, height: 2, width: 3) }
        == "character 1 of the compressed runs is 32, expected 48...111")
    #expect(
      text { try RunLengthMask(compressed: "0P".utf8, height: 2, width: 3) }
        == "the compressed runs end within a run")
    #expect(
      text { try RunLengthMask(compressed: "ooooooooo".utf8, height: 2, width: 3) }
        == "character 8 of the compressed runs is 111, expected 48...111, eight at most a run")
    #expect(
      text { try RunLengthMask(polygon: [1, 2, 3, 4], height: 2, width: 3) }
        == "a polygon of 4 numbers, expected x and y of three corners or more")
    #expect(
      text { try RunLengthMask(polygon: [1, 2, 3, 4, .nan, 1], height: 2, width: 3) }
        == "a polygon with the coordinate nan, expected -65536...65536")
  }
}
