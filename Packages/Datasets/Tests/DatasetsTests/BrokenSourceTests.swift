import Datasets
import Testing

@Suite("Broken sources")
struct BrokenSourceTests {
  let folder: TemporaryFolder
  var root: String { folder.path }

  init() throws { folder = try vocTree() }

  func voc(_ labels: VOCFolder.LabelSource? = nil) -> String {
    errorText { _ = try VOCFolder(root, list: "train", labels: labels) }
  }

  func csv(_ text: String) throws -> String {
    let path = try folder.write(text, "labels.csv")
    return errorText { _ = try LabelTable(contentsOf: path, classes: .voc) }
  }

  func coco(_ json: String) throws -> String {
    let path = try folder.write(json, "i.json")
    return errorText {
      let source = try COCOInstances(path, images: root + "/JPEGImages")
      for record in source.records { _ = try source.mask(of: record) }
    }
  }

  /// A COCO file of picture a with one outline.
  func outline(_ segmentation: String) -> String {
    """
    {"images": [{"id": 1, "file_name": "a.jpg", "height": 6, "width": 8}],
     "categories": [{"id": 3, "name": "dog"}],
     "annotations": [{"id": 9, "image_id": 1, "category_id": 3, "segmentation": \(segmentation)}]}
    """
  }

  @Test("no folder, no list") func missing() {
    #expect(
      errorText { _ = try VOCFolder("/nowhere", list: "train") }
        == "/nowhere/JPEGImages: no such folder")
    #expect(
      errorText { _ = try VOCFolder(root, list: "test") }
        == "\(root)/ImageSets/Segmentation/test.txt: no such list, and no file 'test'")
  }

  @Test("a folder of masks that is asked for by name must be there") func maskFolder() {
    #expect(
      errorText { _ = try VOCFolder(root, list: "train", masks: "Aug") }
        == "\(root)/Aug: no such folder")
  }

  @Test("names that a list or a label table cannot hold") func names() throws {
    let folders = try TemporaryFolder()
    for name in ["a\nb", "cow;x", "dog "] {
      try folders.write(jpeg(height: 6, width: 8), "\(name)/1.jpg")
    }
    let source = try ClassFolders(folders.path)
    #expect(
      errorText { try source.classes.write(to: root + "/list.txt") }
        == "\(root)/list.txt: class 'a\nb' holds a line break, or a space at an end, and cannot be "
        + "in a list")
    for (name, classes) in [("a\nb", ["a\nb", "cow;x", "dog "]), ("cow;x", ["cow;x"])] {
      let table = try ClassFolders(
        folders.path, classes: ClassTable(classes), isStrict: false
      ).labelTable
      #expect(errorText { _ = try table.csv }.hasPrefix("labels.csv: class '\(name)' cannot be in"))
    }
  }

  @Test("a list with a picture that is missing, and one twice") func list() throws {
    let list = try folder.write("a\nzebra\nb\n", "ImageSets/Segmentation/train.txt")
    #expect(voc() == "\(list):2: no picture 'zebra' in \(root)/JPEGImages")
    try folder.write("a\nb\na\n", "ImageSets/Segmentation/train.txt")
    #expect(voc() == "\(list):3: id 'a' for the second time, after line 1")
    try folder.write([0x61, 0xff, 0xfe], "ImageSets/Segmentation/train.txt")
    #expect(voc() == "\(list): is not text in UTF-8")
  }

  @Test("more than ten problems are counted") func many() throws {
    let names = (1...12).map { "x\($0)\n" }.joined()
    try folder.write(names, "ImageSets/Segmentation/train.txt")
    let lines = voc().split(separator: "\n")
    #expect(lines.count == 11)
    #expect(lines.last == "and 2 more problems")
  }

  @Test("annotations that are missing, broken, of another kind or of another class")
  func annotations() throws {
    let path = try folder.write(annotation(["unicorn"]), "Annotations/a.xml")
    #expect(
      voc()
        == "\(path):4: unknown class 'unicorn', expected one of aeroplane, bicycle, bird, boat, "
        + "bottle, bus, ... (20 in all)")
    try folder.write("<annotation>\n<object>\n</annotation>", "Annotations/a.xml")
    #expect(voc() == "\(path):3: is not valid XML: </annotation> closes <object>")
    try folder.write("<annotation>\n<object>", "Annotations/a.xml")
    #expect(voc() == "\(path):2: is not valid XML: <object> is not closed")
    try folder.write("<svg></svg>", "Annotations/a.xml")
    #expect(voc() == "\(path):1: is not a VOC annotation: <svg> at the top")
    try folder.write("", "Annotations/a.xml")
    #expect(voc() == "\(path):1: is not valid XML: no element")
  }

  @Test("labels from a mask that is missing or holds another class") func masks() throws {
    let list = root + "/ImageSets/Segmentation/train.txt"
    try folder.write("a\nc\n", "ImageSets/Segmentation/train.txt")
    #expect(voc(.masks) == "\(list):2: no mask of 'c', from which its labels would come")
    let classes = try ClassTable(["one", "two"])
    #expect(
      errorText {
        _ = try VOCFolder(root, list: "train", classes: classes, labels: .masks, isStrict: true)
      }.split(separator: "\n").first
        == "\(root)/SegmentationClass/a.png: holds label 12, expected 0...2 or 255")
  }

  @Test("a label table with a line that cannot be used") func table() throws {
    let path = root + "/labels.csv"
    #expect(
      try csv("id,class\na,dog;dgo\n")
        == "\(path):2: unknown class 'dgo', expected one of aeroplane, bicycle, bird, boat, "
        + "bottle, bus, ... (20 in all)")
    #expect(try csv("a,dog\n\"b,cat\n") == "\(path):2: a quote that does not end")
    #expect(try csv("a,dog\n,cat\n") == "\(path):2: no id, expected 'id,class;class'")
    #expect(
      try csv("a,dog\n\na,cat\n") == "\(path):3: id 'a' for the second time, after line 1")
    try folder.write("a,dog\n", "labels.csv")
    #expect(
      voc(.table(path))
        == "\(root)/ImageSets/Segmentation/train.txt:2: 'b' has no labels in \(path)")
  }

  @Test("a class list that is empty or names a class twice") func classes() throws {
    let path = try folder.write("dog\n\ncat\ndog\n", "classes.txt")
    #expect(
      errorText { _ = try ClassTable(contentsOf: path) }
        == "\(path):4: class 'dog' for the second time, after class 1")
    try folder.write("\n", "classes.txt")
    #expect(
      errorText { _ = try ClassTable(contentsOf: path) }
        == "\(path): holds 0 classes, expected 1...254")
  }

  @Test("class folders that are no class, or missing") func folders() throws {
    let classes = try ClassTable(["Annotations", "bird"])
    let lines = errorText { _ = try ClassFolders(root, classes: classes) }
      .split(separator: "\n").map(String.init)
    #expect(lines.contains("\(root)/ImageSets: is no class, expected Annotations, bird"))
    #expect(lines.contains("\(root)/bird: no such folder, expected pictures of class 'bird'"))
    try folder.write([], "empty/.keep")
    #expect(
      errorText { _ = try ClassFolders(root + "/empty") }
        == "\(root)/empty: holds no folders, expected one of pictures for each class")
  }

  @Test("a list with a mask that is missing, or too many fields") func maskedList() throws {
    let list = try folder.write("JPEGImages/a.jpg SegmentationClass/c.png\n", "list.txt")
    func text() -> String {
      errorText { _ = try MaskedImageList(root: root, list: list, classes: .voc) }
    }
    #expect(text() == "\(list):1: no file \(root)/SegmentationClass/c.png")
    try folder.write("JPEGImages/a.jpg b c\n", "list.txt")
    #expect(text() == "\(list):1: 3 fields, expected a picture and its mask")
  }

  @Test("COCO files that are not JSON or lack a list") func json() throws {
    let path = root + "/i.json"
    let json = "\(path): is not the JSON expected: "
    #expect(try coco("") == json + "expected an object at byte 0")
    #expect(try coco("{\"images\": [{\"id\": 1,]}") == json + "expected a string at byte 21")
    #expect(try coco("{\"info\": {\"a\": [}}}") == json + "an unexpected bracket at byte 16")
    #expect(try coco("{\"info\": \"a") == json + "a string that does not end at byte 11")
    #expect(
      try coco("{\"images\": [{\"id\": 1}]}")
        == json + "an image without id or file_name at byte 21")
    #expect(
      try coco("{\"images\": [], \"categories\": []}")
        == "\(path): has no 'annotations', expected COCO's instances")
  }

  @Test("COCO annotations of unknown categories and pictures") func ids() throws {
    let path = root + "/i.json"
    let text = outline("[]")
    #expect(
      try coco(text.replacing("\"category_id\": 3", with: "\"category_id\": 4"))
        == "\(path): annotation 9 has the unknown category id 4")
    #expect(
      try coco(text.replacing("\"image_id\": 1", with: "\"image_id\": 2"))
        == "\(path): annotation 9 has the unknown image id 2")
    #expect(
      try coco(text.replacing("a.jpg", with: "z.jpg"))
        == "\(path): no picture 'z' in \(root)/JPEGImages")
  }

  @Test("COCO ids that are there twice") func twice() throws {
    let path = root + "/i.json"
    let text = outline("[]")
    #expect(
      try coco(
        text.replacing(
          "\"name\": \"dog\"}", with: "\"name\": \"dog\"}, {\"id\": 3, \"name\": \"cat\"}"))
        == "\(path): category id 3 for the second time")
    let image = "{\"id\": 1, \"file_name\": \"a.jpg\", \"height\": 6, \"width\": 8}"
    #expect(
      try coco(text.replacing(image, with: image + ", " + image))
        == "\(path): image id 1 for the second time")
    #expect(
      try coco(
        text.replacing(image, with: image + ", " + image.replacing("\"id\": 1", with: "\"id\": 2")))
        == "\(path): id 'a' for the second time")
  }

  @Test("a saliency map that is missing, and a folder of them") func saliency() throws {
    let list = root + "/ImageSets/Segmentation/train.txt"
    let maps = root + "/saliency"
    #expect(
      errorText { _ = try VOCFolder(root, list: "train", saliency: maps) }
        == "\(maps): no such folder")
    try folder.write(jpeg(height: 6, width: 8), "saliency/a.jpg")
    #expect(
      errorText { _ = try VOCFolder(root, list: "train", saliency: maps) }
        == "\(list):2: no saliency map of 'b' in \(maps)")
  }

  @Test("COCO outlines that are broken") func outlines() throws {
    let path = root + "/i.json"
    func what(_ segmentation: String) throws -> Substring {
      let text = try coco(outline(segmentation))
      #expect(text.hasPrefix("\(path): the outline before byte "))
      return text.split(separator: ": ", maxSplits: 2).last ?? ""
    }
    #expect(try coco(outline("[[0, 0, 4, 0, 4, 4]]")) == "no error")
    #expect(
      try what("[[0, 0, 4, 4]]")
        == "a polygon of 4 numbers, expected x and y of three corners or more")
    #expect(
      try what("{\"size\": [6, 9], \"counts\": [54]}")
        == "runs of size [6, 9], the picture has [6, 8]")
    #expect(
      try what("{\"size\": [6, 8], \"counts\": [40]}") == "the runs sum to 40, expected 48 (6 x 8)")
    #expect(
      try what("{\"size\": [6, 8], \"counts\": \"~\"}")
        == "character 0 of the compressed runs is 126, expected 48...111")
    #expect(try what("{\"size\": [6, 8]}") == "runs without 'counts'")
  }
}
