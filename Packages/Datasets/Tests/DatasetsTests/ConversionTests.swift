import Datasets
import Tensor
import Testing

@Suite("Conversion")
struct ConversionTests {
  /// A COCO file of the pictures a and b of `vocTree`, with a dog in a.
  func coco(_ folder: TemporaryFolder) throws -> String {
    try folder.write(
      """
      {"images": [{"id": 1, "file_name": "a.jpg", "height": 6, "width": 8},
                  {"id": 2, "file_name": "b.jpg", "height": 6, "width": 8}],
       "categories": [{"id": 3, "name": "dog"}, {"id": 7, "name": "cat"}],
       "annotations": [{"id": 9, "image_id": 1, "category_id": 3,
                        "segmentation": [[1, 1, 5, 1, 5, 4, 1, 4]]}]}
      """, "i.json")
  }

  @Test("COCO as a VOC folder: links, masks, labels, a list") func voc() throws {
    let folder = try vocTree()
    let source = try COCOInstances(coco(folder), images: folder.path + "/JPEGImages")
    let out = try TemporaryFolder()
    #expect(try source.writeVOCFolder(out.path, list: "train") == 2)
    let voc = try VOCFolder(out.path, list: "train")
    #expect(voc.classes.names == ["dog", "cat"])
    #expect(voc.records.map(\.labels) == [[1], []])
    for (ours, theirs) in zip(voc.records, source.records) {
      #expect(try voc.mask(of: ours) == source.mask(of: theirs))
      #expect(try voc.image(of: ours) == source.image(of: theirs))
    }
    // Again, as another list: links are made anew, labels are kept.
    try folder.write("b,cat\n", "more.csv")
    let more = try LabeledFolder(
      images: folder.path + "/JPEGImages", labels: folder.path + "/more.csv",
      classes: voc.classes)
    #expect(try more.writeVOCFolder(out.path, list: "val") == 0)
    #expect(try VOCFolder(out.path, list: "val").records.map(\.labels) == [[2]])
    #expect(try VOCFolder(out.path, list: "train").records.map(\.labels) == [[1], [2]])
  }

  @Test("what cannot be written as a VOC folder") func refused() throws {
    let folder = try vocTree()
    let out = try TemporaryFolder()
    let (root, images) = (folder.path, folder.path + "/JPEGImages")
    let labels = try folder.write("a,dog\n", "labels.csv")
    let source = try LabeledFolder(images: images, labels: labels, classes: ClassTable(["dog"]))
    try out.write("cat\n", "classes.txt")
    try out.write("x,cat\n", "labels.csv")
    #expect(
      errorText { try source.writeVOCFolder(out.path, list: "train") }
        == "\(out.path)/classes.txt: holds the classes of another set: cat; expected dog")
    try folder.write("JPEGImages/a,dog\n", "labels.csv")
    let deep = try LabeledFolder(images: root, labels: labels, classes: ClassTable(["dog"]))
    #expect(
      errorText { try deep.writeVOCFolder(out.path + "/x", list: "train") }
        == "\(labels):1: id 'JPEGImages/a' holds a '/' and cannot be a file's name in "
        + "\(out.path)/x")
  }

  @Test("labels from a folder of masks") func masks() throws {
    let folder = try vocTree()
    let masks = folder.path + "/SegmentationClass"
    let table = try LabelTable(masks: masks, classes: .voc)
    #expect(try table.csv == "id,classes\na,dog;person\nb,dog;person\n")
    let remapped = try LabelTable(
      masks: masks, classes: ClassTable(["it"]), remapping: [0: 0, 12: 1])
    #expect(remapped.entries.map(\.labels) == [[1], [1]])
    #expect(
      errorText { _ = try LabelTable(masks: masks, classes: ClassTable(["it"])) }
        == "\(masks)/a.png: holds label 12, expected 0...1 or 255\n"
        + "\(masks)/b.png: holds label 12, expected 0...1 or 255")
    #expect(
      errorText { _ = try LabelTable(masks: folder.path + "/JPEGImages", classes: .voc) }
        == "\(folder.path)/JPEGImages: holds no PNG file")
  }

  @Test("a remapping as a file") func remapping() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("7 1\n26\t2\n\n300,255\n", "remap.txt")
    #expect(try MaskedImageList.remapping(contentsOf: path) == [7: 1, 26: 2, 300: 255])
    try folder.write("7 1\n26 256\n", "remap.txt")
    #expect(
      errorText { _ = try MaskedImageList.remapping(contentsOf: path) }
        == "\(path):2: '26 256', expected a value of 0...65535 and its label of 0...255")
    try folder.write("7 1\n7 2\n", "remap.txt")
    #expect(
      errorText { _ = try MaskedImageList.remapping(contentsOf: path) }
        == "\(path):2: value 7 for the second time")
  }
}
