import Datasets
import Foundation
import Tensor
import Testing

@Suite("Dataset check")
struct DatasetCheckTests {
  func check(
    _ root: String, labels: VOCFolder.LabelSource? = nil, classes: ClassTable? = nil,
    saliency: String? = nil
  ) throws -> DatasetCheck {
    DatasetCheck(
      try VOCFolder(
        root, list: "train", classes: classes, labels: labels, saliency: saliency, isStrict: false))
  }

  func errors(_ check: DatasetCheck) -> [String] {
    check.problems.filter { $0.severity == .error }.map(\.description)
  }

  func warnings(_ check: DatasetCheck) -> [String] {
    check.problems.filter { $0.severity == .warning }.map(\.description)
  }

  @Test("the sample set is sound, and its table counts what is in it") func sample() throws {
    let folder = try TemporaryFolder()
    try SampleSet.make(seed: 1, count: 30, validationCount: 4, size: 64).write(to: folder.path)
    var steps: [Int] = []
    let check = DatasetCheck(try VOCFolder(folder.path, list: "train")) { done, _ in
      steps.append(done)
    }
    #expect(check.problems.isEmpty && !check.isBroken)
    #expect(steps == [30])
    #expect(check.pictures == 30 && check.readable == 30 && check.masks == 30)
    #expect(check.unlisted == 4 && check.unlabeled == 0 && check.saliencyMaps == 0)
    #expect(check.widths.maximum == 64 && check.heights.maximum == 64)
    #expect(check.classes.map(\.name) == SampleSet.classes.names)
    #expect(check.classes.allSatisfy { $0.pictures > 0 && $0.pictures == $0.masks })
    let counted = check.classes.reduce(check.backgroundPixels + check.ignoredPixels) {
      $0 + $1.pixels
    }
    let source = try VOCFolder(folder.path, list: "train")
    #expect(try counted == source.records.reduce(0) { try $0 + (source.mask(of: $1)?.count ?? 0) })
    let lines = check.table.split(separator: "\n")
    #expect(lines.first == "pictures         30")
    #expect(lines.contains { $0.hasPrefix("background") })
    #expect(Set(lines.suffix(10).map(\.count)).count == 1, "aligned: \(check.table)")
  }

  @Test("labels and masks that differ, and a class without pictures") func labels() throws {
    let folder = try vocTree()
    let check = try check(folder.path, classes: ClassTable.voc)
    let mask = folder.path + "/SegmentationClass"
    #expect(errors(check) == [])
    // a has dog and person in both; b has the label train and a mask of dog and person.
    #expect(
      warnings(check).filter { $0.hasPrefix(mask) } == [
        "\(mask)/b.png: the mask holds class 'dog', which is no label of the picture",
        "\(mask)/b.png: the mask holds class 'person', which is no label of the picture",
        "\(mask)/b.png: the mask lacks class 'train', a label of the picture",
      ])
    let list = folder.path + "/ImageSets/Segmentation/train.txt"
    #expect(warnings(check).contains("\(list): no picture has class 'aeroplane'"))
    #expect(
      warnings(check).contains(
        "\(folder.path)/JPEGImages/b.jpg: has the same bytes as \(folder.path)/JPEGImages/a.jpg"))
    #expect(check.unlisted == 1)
  }

  @Test("pictures that are missing, twice, broken or without a label") func pictures() throws {
    let folder = try vocTree()
    let list = try folder.write("a\nzebra\nb\na\nc\n", "ImageSets/Segmentation/train.txt")
    try folder.write(Array(folder.read("JPEGImages/b.jpg").dropLast(40)), "JPEGImages/b.jpg")
    try folder.write(annotation([]), "Annotations/c.xml")
    let check = try check(folder.path)
    #expect(
      errors(check) == [
        "\(list):2: no picture 'zebra' in \(folder.path)/JPEGImages",
        "\(list):4: id 'a' for the second time, after line 1",
        "\(folder.path)/JPEGImages/b.jpg: cannot be read: the data ends early: a truncated JPEG",
      ])
    #expect(check.problems.first?.line == 2 && check.problems.first?.path == list)
    #expect(warnings(check).contains("\(list):5: picture 'c' has no label"))
    #expect(check.pictures == 3 && check.readable == 2 && check.unlabeled == 1)
    #expect(check.masks == 2)
    #expect(check.table.hasPrefix("pictures         3, 2 readable\n"))
  }

  @Test("masks and saliency maps of another size, unknown values, masks of no picture")
  func masks() throws {
    let folder = try vocTree()
    let masks = folder.path + "/SegmentationClass"
    try LabelMap(repeating: 12, shape: [6, 7]).writePNG(to: masks + "/a.png")
    try LabelMap(repeating: 77, shape: [6, 8]).writePNG(to: masks + "/b.png")
    try LabelMap(repeating: 0, shape: [6, 8]).writePNG(to: masks + "/ghost.png")
    try folder.write(jpeg(height: 6, width: 8), "saliency/a.jpg")
    try folder.write(jpeg(height: 5, width: 8), "saliency/b.jpg")
    let check = try check(folder.path, saliency: folder.path + "/saliency")
    #expect(
      errors(check) == [
        "\(masks)/a.png: the mask has 7 x 6 pixels, the picture 8 x 6",
        "\(masks)/b.png: holds label 77, expected 0...20 or 255",
        "\(folder.path)/saliency/b.jpg: the saliency map has 8 x 5 pixels, the picture 8 x 6",
      ])
    #expect(warnings(check).contains("\(masks)/ghost.png: is the mask of no picture"))
    #expect(check.saliencyMaps == 2)
  }

  @Test("a mask that gives the labels and cannot be used is told once") func labelMasks() throws {
    let folder = try vocTree()
    let mask = folder.path + "/SegmentationClass/b.png"
    try LabelMap(repeating: 77, shape: [6, 8]).writePNG(to: mask)
    #expect(
      errors(try check(folder.path, labels: .masks))
        == ["\(mask): holds label 77, expected 0...20 or 255"])
  }

  @Test("a set without pictures or without labels") func empty() throws {
    let folder = try vocTree()
    try folder.write("", "ImageSets/Segmentation/train.txt")
    #expect(errors(try check(folder.path)) == ["the data set: holds no picture"])
    let list = try folder.write("a\n", "ImageSets/Segmentation/train.txt")
    try folder.write(annotation([]), "Annotations/a.xml")
    #expect(
      errors(try check(folder.path))
        == ["\(list): no picture has a label: there is nothing to train on"])
  }

  @Test("class folders: one without pictures, and one below another") func classFolders() throws {
    let folder = try TemporaryFolder()
    let root = folder.path
    for name in ["cat/1.jpg", "dog/old/1.jpg"] {
      try folder.write(jpeg(height: 2, width: 3), name)
    }
    let check = DatasetCheck(try ClassFolders(root))
    #expect(!check.isBroken && check.classes.map(\.pictures) == [1, 0])
    #expect(
      warnings(check) == [
        "\(root)/dog: holds no JPEG or PNG file",
        "\(root)/dog/old: is a folder below a class's: it is not read",
        "\(root)/cat: no picture has class 'dog'",
      ])
    for index in 3...4 { try folder.write(jpeg(height: index, width: 3), "dog/\(index).jpg") }
    #expect(
      warnings(DatasetCheck(try ClassFolders(root, classes: ClassTable(["cat", "dog"]))))
        == ["\(root)/dog/old: is a folder below a class's: it is not read"])
  }

  @Test("COCO's masks are checked by the picture's id") func coco() throws {
    let folder = try vocTree()
    let path = try folder.write(
      """
      {"images": [{"id": 1, "file_name": "a.jpg", "height": 6, "width": 9}],
       "categories": [{"id": 3, "name": "dog"}], "annotations": [{"id": 9, "image_id": 1,
       "category_id": 3, "segmentation": [[0, 0, 4, 0, 4, 4]]}]}
      """, "i.json")
    let source = try COCOInstances(path, images: folder.path + "/JPEGImages")
    #expect(
      errors(DatasetCheck(source))
        == ["\(path): the mask of 'a' has 9 x 6 pixels, the picture 8 x 6"])
  }

  @Test("as JSON") func json() throws {
    let folder = try vocTree()
    try folder.write("a\nx\n", "ImageSets/Segmentation/train.txt")
    let data = try JSONEncoder().encode(check(folder.path))
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(object["pictures"] as? Int == 1)
    let problem = try #require((object["problems"] as? [[String: Any]])?.first)
    #expect(problem["line"] as? Int == 2 && problem["severity"] as? String == "error")
    #expect((object["widths"] as? [String: Int])?["median"] == 8)
  }
}
