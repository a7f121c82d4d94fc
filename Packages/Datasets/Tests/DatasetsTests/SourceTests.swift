import Datasets
import Foundation
import Tensor
import TensorTestSupport
import Testing

@Suite("Sources")
struct SourceTests {
  @Test("the class tables are VOC's and COCO's") func classes() {
    #expect(ClassTable.voc.count == 20)
    #expect(ClassTable.voc["aeroplane"] == 1 && ClassTable.voc["tvmonitor"] == 20)
    #expect(ClassTable.coco.count == 80 && ClassTable.cocoIDs.count == 80)
    #expect(Set(ClassTable.coco.names).count == 80)
    // Pairs from COCO's own file, after each gap in the ids.
    let pairs = [
      "stop sign": 13, "backpack": 27, "handbag": 31, "wine glass": 46, "dining table": 67,
      "toilet": 70, "tv": 72, "book": 84, "toothbrush": 90,
    ]
    for (name, id) in pairs {
      #expect(ClassTable.coco[name].map { ClassTable.cocoIDs[$0 - 1] } == id, "\(name)")
    }
  }

  @Test("a VOC folder gives pictures, masks and the labels of its annotations") func voc() throws {
    let folder = try vocTree()
    let source = try VOCFolder(folder.path, list: "train")
    #expect(source.records.map(\.id) == ["a", "b"])
    #expect(source.records.map(\.labels) == [[12, 15], [19]])
    #expect(try source.image(of: source.records[0]).width == 8)
    #expect(try source.mask(of: source.records[0])?.labels[3...8] == [15, 15, 12, 12, 255, 12])
    #expect(try source.saliency(of: source.records[0]) == nil)
    #expect(try source.objects(of: source.records[0]) == nil)
  }

  @Test("names with a space, endings in letters of any case") func names() throws {
    let folder = try vocTree()
    try folder.write(jpeg(height: 6, width: 8), "JPEGImages/d e.Jpg")
    try folder.write("a\nd e\n", "ImageSets/Segmentation/own.txt")
    let labels = try folder.write("a,dog\n\"d e\",cat\n", "labels.csv")
    let source = try VOCFolder(folder.path, list: "own", labels: .table(labels))
    #expect(source.records.map(\.id) == ["a", "d e"])
    #expect(source.records.map(\.labels) == [[12], [8]])
    #expect(try source.image(of: source.records[1]).width == 8)
  }

  @Test("an annotation with all that XML has") func xml() throws {
    let folder = try vocTree()
    let seed = Bundle.module.bundleURL.appendingPathComponent("Golden/text/annotation.xml")
    try folder.write([UInt8](Data(contentsOf: seed)), "Annotations/a.xml")
    let text = "<annotation><object/><object><name a='>'>&#116;r<!-- x -->a&#x69;n</name ></object>"
    try folder.write("\u{feff}" + text + "</annotation>\n", "Annotations/b.xml")
    let source = try VOCFolder(folder.path, list: "train")
    #expect(source.records.map(\.labels) == [[12, 13, 15], [19]])
  }

  @Test("labels of a VOC folder come from masks or a table") func vocLabels() throws {
    let folder = try vocTree()
    let masks = try VOCFolder(folder.path, list: "train", labels: .masks)
    #expect(masks.records.map(\.labels) == [[12, 15], [12, 15]])
    let table = try folder.write("b cat dog\na sheep\n", "cls_labels.txt")
    let source = try VOCFolder(folder.path, list: "train", labels: .table(table))
    #expect(source.records.map(\.labels) == [[17], [8, 12]])
    try folder.write("id,classes\nb.jpg,cat;dog\na.jpg,sheep\n", "cls_labels.txt")
    let named = try VOCFolder(folder.path, list: "train", labels: .table(table))
    #expect(named.records == source.records)
  }

  @Test("SBD's lists of pairs, and saliency maps") func pairs() throws {
    let folder = try vocTree()
    let list = try folder.write(
      "/JPEGImages/b.jpg /SegmentationClassAug/b.png\n", "train_aug.txt")
    let mask = LabelMap(repeating: 7, shape: [6, 8])
    try folder.write([], "SegmentationClassAug/.keep")
    try mask.writePNG(to: folder.path + "/SegmentationClassAug/b.png")
    try folder.write(jpeg(height: 6, width: 8), "saliency/b.jpg")
    let source = try VOCFolder(
      folder.path, list: list, masks: "SegmentationClassAug", saliency: folder.path + "/saliency")
    #expect(source.records.map(\.id) == ["b"])
    #expect(try source.mask(of: source.records[0]) == mask)
    #expect(try source.saliency(of: source.records[0])?.height == 6)
  }

  @Test("a folder with labels.csv, ids of any form") func csv() throws {
    let folder = try TemporaryFolder()
    for name in ["plain", "a, \"b\"", "Straße 1", "deep/er"] {
      try folder.write(jpeg(height: 2, width: 3), "images/\(name).jpg")
    }
    try folder.write(jpeg(height: 2, width: 3), "images/extra.png")
    let labels = try folder.write(
      "id,classes\nplain,dog;cat;dog\n\"a, \"\"b\"\"\", cat\nStraße 1,\ndeep/er,dog\n",
      "labels.csv")
    let classes = try ClassTable(["cat", "dog"])
    let source = try LabeledFolder(
      images: folder.path + "/images", labels: labels, classes: classes)
    #expect(source.records.map(\.id) == ["plain", "a, \"b\"", "Straße 1", "deep/er"])
    #expect(source.records.map(\.labels) == [[1, 2], [1], [], [2]])
    #expect(
      source.problems.map(\.description)
        == ["\(folder.path)/images/extra.png: is not in \(labels)"])
    // The table that is written is the table that was read.
    try source.labelTable.write(to: folder.path + "/again.csv")
    let again = try LabelTable(contentsOf: folder.path + "/again.csv", classes: classes)
    #expect(again.entries.map(\.id) == source.records.map(\.id))
    #expect(again.entries.map(\.labels) == source.records.map(\.labels))
  }

  @Test("a label table may name files: ids are without ending, masks and maps have their own")
  func files() throws {
    let folder = try TemporaryFolder()
    let root = folder.path
    for name in ["images/a.jpg", "images/b.1.jpg", "images/in/c.jpg", "maps/a.png", "maps/b.1.jpg"]
    {
      try folder.write(jpeg(height: 2, width: 3), name)
    }
    try folder.write(jpeg(height: 2, width: 3), "maps/in/c.png")
    try folder.write([], "masks/.keep")
    try LabelMap(repeating: 1, shape: [2, 3]).writePNG(to: root + "/masks/a.png")
    let labels = try folder.write("id,classes\na.jpg,cat\nb.1,\nin/c.jpg,cat\n", "labels.csv")
    func source(isStrict: Bool) throws -> LabeledFolder {
      try LabeledFolder(
        images: root + "/images", labels: labels, classes: ClassTable(["cat"]),
        masks: root + "/masks", saliency: root + "/maps", isStrict: isStrict)
    }
    let records = try source(isStrict: true).records
    #expect(records.map(\.id) == ["a", "b.1", "in/c"])
    #expect(records.map(\.maskPath) == [root + "/masks/a.png", nil, nil])
    #expect(
      records.map(\.saliencyPath)
        == ["a.png", "b.1.jpg", "in/c.png"].map { "\(root)/maps/\($0)" })
    try folder.write("id,classes\na.jpg,cat\na,\n", "labels.csv")
    #expect(
      try source(isStrict: false).problems.map(\.description).first
        == "\(labels):3: id 'a' for the second time, after line 2")
  }

  @Test("a folder a class") func classFolders() throws {
    let folder = try TemporaryFolder()
    for name in ["dog/1.jpg", "cat/1.jpg", "cat/2.JPEG"] {
      try folder.write(jpeg(height: 2, width: 3), name)
    }
    let source = try ClassFolders(folder.path)
    #expect(source.classes.names == ["cat", "dog"])
    #expect(source.records.map(\.id) == ["cat/1", "cat/2", "dog/1"])
    #expect(source.records.map(\.labels) == [[1], [1], [2]])
    let maps = try TemporaryFolder()
    for name in ["dog/1.png", "cat/1.jpg"] { try maps.write(jpeg(height: 2, width: 3), name) }
    let lenient = try ClassFolders(folder.path, saliency: maps.path, isStrict: false)
    #expect(lenient.records.last?.saliencyPath == maps.path + "/dog/1.png")
    #expect(
      lenient.problems.map(\.description)
        == ["\(folder.path)/cat: no saliency map of 'cat/2' in \(maps.path)"])
  }

  @Test("a list of pictures and masks whose ids are remapped") func maskedList() throws {
    let folder = try TemporaryFolder()
    try folder.write(jpeg(height: 1, width: 4), "left/ulm/ulm_1_left.jpg")
    try folder.write([], "fine/ulm/.keep")
    try LabelMap([7, 26, 26, 3], shape: [1, 4]).writePNG(to: folder.path + "/fine/ulm/ulm_1.png")
    let list = try folder.write("left/ulm/ulm_1_left.jpg fine/ulm/ulm_1.png\n", "list.txt")
    let source = try MaskedImageList(
      root: folder.path, list: list, classes: ClassTable(["road", "car"]),
      remapping: [7: 1, 26: 2])
    #expect(source.records.map(\.id) == ["left/ulm/ulm_1_left"])
    #expect(source.records.map(\.labels) == [[1, 2]])
    #expect(try source.mask(of: source.records[0])?.labels == [1, 2, 2, 255])
  }

  @Test("COCO's objects are drawn as pycocotools draws them") func coco() throws {
    let golden = try GoldenFile("coco", in: .module)
    let folder = try TemporaryFolder()
    for name in golden.cases.map(\.name) {
      try folder.write(jpeg(height: 2, width: 2), "\(name).jpg")
    }
    let path = Bundle.module.bundleURL.appendingPathComponent("Golden/coco/instances.json").path
    let source = try COCOInstances(path, images: folder.path)
    #expect(source.classes.names == ["person", "dog", "bottle"])
    #expect(source.categoryIDs == [1, 18, 44])
    #expect(source.categoryIDsByLabel == [1: 1, 2: 18, 3: 44])
    #expect(source.path == path)
    #expect(source.records.map(source.imageID) == [7, 8, 9, 10])
    #expect(source.records.map(\.id) == golden.cases.map(\.name))
    #expect(source.records.last?.labels == [])
    for record in source.records {
      let expected = golden[record.id]
      for (index, instance) in try source.instances(of: record).enumerated() {
        #expect(
          instance.mask.bitmap == expected["object\(index)"].scalars.map { UInt8($0) },
          "\(record.id) \(index)")
      }
      let mask = try #require(try source.mask(of: record))
      #expect(mask.shape == expected["semantic"].shape)
      #expect(mask.labels == expected["semantic"].scalars.map { UInt8($0) }, "\(record.id)")
      #expect(record.labels.allSatisfy { (1...3).contains($0) })
    }
    let first = source.records[0]
    #expect(try source.instances(of: first).map(\.isCrowd) == [false, false, false, false, true])
    let skipping = try COCOInstances(path, images: folder.path, crowd: .skip)
    #expect(try skipping.instances(of: first).count == 4)
    let ignoring = try COCOInstances(path, images: folder.path, crowd: .ignore)
    #expect(try ignoring.mask(of: first)?.labels.contains(255) == true)
  }

  @Test("leniently made sources keep what is sound and list the rest") func lenient() throws {
    let folder = try vocTree()
    try folder.write("a\nmissing\na\nb\n", "ImageSets/Segmentation/train.txt")
    let source = try VOCFolder(folder.path, list: "train", isStrict: false)
    #expect(source.records.map(\.id) == ["a", "b"])
    #expect(source.problems.map(\.line) == [2, 3])
    #expect(source.problems.allSatisfy { $0.severity == .error })
  }
}
