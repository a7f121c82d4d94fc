import Datasets
import Tensor

/// A small folder in VOC's layout: pictures a, b and c, of which a and b are listed as "train".
func vocTree() throws -> TemporaryFolder {
  let folder = try TemporaryFolder()
  for name in ["a", "b", "c"] {
    try folder.write(jpeg(height: 6, width: 8), "JPEGImages/\(name).jpg")
  }
  try folder.write("a\nb\n", "ImageSets/Segmentation/train.txt")
  try folder.write(annotation(["dog", "person", "dog"]), "Annotations/a.xml")
  try folder.write(annotation(["train"]), "Annotations/b.xml")
  var labels = [UInt8](repeating: 0, count: 48)
  labels.replaceSubrange(3..<9, with: [15, 15, 12, 12, 255, 12])
  try folder.write([], "SegmentationClass/.keep")
  for name in ["a", "b"] {
    try LabelMap(labels, shape: [6, 8]).writePNG(
      to: folder.path + "/SegmentationClass/\(name).png")
  }
  return folder
}

/// The bytes of a JPEG of one colour.
func jpeg(height: Int, width: Int) throws -> [UInt8] {
  let folder = try TemporaryFolder()
  let path = folder.path + "/x.jpg"
  try Image(red: 200, green: 100, blue: 50, height: height, width: width).writeJPEG(to: path)
  return try folder.read("x.jpg")
}

/// A VOC annotation with those objects; a part's name must not count.
func annotation(_ names: [String]) -> String {
  let objects = names.map {
    "  <object>\n    <name>\($0)</name><part><name>head</name></part>\n  </object>\n"
  }
  return "<annotation>\n  <folder>VOC2012</folder>\n" + objects.joined() + "</annotation>\n"
}
