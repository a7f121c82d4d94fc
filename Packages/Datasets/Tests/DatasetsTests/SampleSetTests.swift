import Datasets
import Foundation
import Tensor
import Testing

@Suite("Sample set")
struct SampleSetTests {
  /// 64-bit FNV-1a.
  func hash(_ bytes: [UInt8], from start: UInt64 = 0xcbf2_9ce4_8422_2325) -> UInt64 {
    bytes.reduce(start) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  @Test("the same seed gives the same pixels on every machine") func pixels() {
    var set = SampleSet.make(seed: 1, count: 24, validationCount: 16, size: 96)
    var found = hash([])
    for index in 0..<40 {
      let scene = set.scene(index)
      for bytes in [scene.image.pixels, scene.mask.labels, scene.objectMask.labels] {
        found = hash(bytes, from: found)
      }
    }
    #expect(found == 2_477_443_269_348_188_446)
    set = SampleSet.make(seed: 2, count: 24, size: 96)
    #expect(set.scene(0).image != SampleSet.make(seed: 1, count: 24, size: 96).scene(0).image)
  }

  @Test("it is written as a VOC folder, byte for byte the same") func folder() throws {
    let folder = try TemporaryFolder()
    let summary = try SampleSet.make(seed: 3, count: 10, validationCount: 8, size: 64)
      .write(to: folder.path)
    var found = hash([])
    for name in try #require(FileManager.default.subpaths(atPath: folder.path)).sorted() {
      var isFolder: ObjCBool = false
      _ = unsafe FileManager.default.fileExists(
        atPath: folder.path + "/" + name, isDirectory: &isFolder)
      found = hash(Array(name.utf8), from: found)
      if !isFolder.boolValue { found = hash(try folder.read(name), from: found) }
    }
    #expect(found == 416_190_396_613_371_542)
    #expect(try folder.names(in: "JPEGImages").count == 18)
    #expect(summary.usualCount == 4 && summary.brokenCount == 4)

    let train = try VOCFolder(folder.path, list: "train")
    #expect(train.classes == SampleSet.classes)
    #expect(train.records.count == 10 && train.problems.isEmpty)
    let masks = try VOCFolder(folder.path, list: "train", labels: .masks)
    let table = try VOCFolder(
      folder.path, list: "train", labels: .table(folder.path + "/labels.csv"))
    #expect(train.records.map(\.labels) == masks.records.map(\.labels))
    #expect(train.records.map(\.labels) == table.records.map(\.labels))
    func ids(_ list: String) throws -> [String] {
      try VOCFolder(folder.path, list: list).records.map(\.id)
    }
    #expect(try Set(ids("val_usual")).union(ids("val_broken")) == Set(ids("val")))
    #expect(try ids("trainval") == ids("train") + ids("val"))
  }

  @Test("masks, objects and labels agree; objects can be seen") func masks() throws {
    let set = SampleSet.make(seed: 4, count: 60, validationCount: 20, size: 64)
    for index in 0..<80 {
      let scene = set.scene(index)
      #expect(max(scene.image.width, scene.image.height) == 64)
      #expect((1...3).contains(scene.labels.count), "\(scene.id)")
      var counts = [Int](repeating: 0, count: 256)
      for (label, object) in zip(scene.mask.labels, scene.objectMask.labels) {
        counts[Int(object)] += 1
        if object == 0 || object == 255 {
          #expect(label == object)
        } else {
          #expect(Int(label) == scene.objectLabels[Int(object) - 1])
        }
      }
      for object in scene.objectLabels.indices {
        #expect(counts[object + 1] * 120 >= scene.mask.count, "\(scene.id)")
      }
      #expect(counts[0] > scene.mask.count / 10, "\(scene.id)")
      // Salient are the objects, the largest of them fully.
      let saliency = scene.saliency
      #expect(saliency.height == scene.image.height && saliency.width == scene.image.width)
      var means = [Double](repeating: 0, count: 256)
      for (value, object) in zip(saliency.values, scene.objectMask.labels) {
        means[Int(object)] += Double(value) / Double(counts[Int(object)])
      }
      let objects = scene.objectLabels.indices.map { $0 + 1 }
      let largest = objects.max { counts[$0] < counts[$1] } ?? 1
      #expect(means[0] < 25 && means[largest] > 180, "\(scene.id)")
      #expect(objects.allSatisfy { means[$0] > 80 && means[$0] <= 255 }, "\(scene.id)")
    }
  }

  @Test("classes are in balance, and seven in ten training pictures usual") func balance() {
    let set = SampleSet.make(seed: 5, size: 64)
    var counts = [Int](repeating: 0, count: 9)
    var usual = 0
    for index in set.trainingRange {
      let scene = set.scene(index)
      for label in scene.labels { counts[label] += 1 }
      if scene.isUsual { usual += 1 }
    }
    #expect((255...305).contains(usual))
    #expect(counts[1...].allSatisfy { (50...90).contains($0) }, "\(counts)")
    let validation = set.validationRange.map { set.scene($0).isUsual }
    #expect(validation.count == 120 && validation.filter(\.self).count == 60)
  }
}
