internal import Datasets
internal import Foundation
internal import Tensor

extension Format {
  private static let golden = "Packages/Datasets/Tests/DatasetsTests/Golden"

  /// What package Datasets reads.
  static var datasets: [Format] {
    [
      Format(
        name: "jpeg", folder: golden + "/pictures", isSeed: { $0.hasSuffix(".jpg") },
        read: { path in
          _ = try? GrayImage(contentsOf: path)
          _ = try? Image(contentsOf: path, longSideAtLeast: 8)
          _ = try Image(contentsOf: path)
        }),
      Format(
        name: "png", folder: golden + "/pictures", isSeed: { $0.hasSuffix(".png") },
        repair: repairChunks,
        read: { path in
          _ = try? LabelMap(contentsOf: path)
          _ = try? GrayImage(contentsOf: path)
          _ = try Image(contentsOf: path)
        }),
      Format(
        name: "coco", folder: golden + "/coco", isSeed: { $0.hasSuffix(".json") },
        read: readCOCO),
      Format(
        name: "xml", folder: golden + "/text", isSeed: { $0.hasSuffix(".xml") }, read: readXML),
      Format(
        name: "labels", folder: golden + "/text", isSeed: { !$0.hasSuffix(".xml") },
        read: { path in
          let table = try LabelTable(contentsOf: path, classes: .voc)
          for entry in table.entries { _ = table[entry.id] }
        }),
      Format(
        name: "runs", folder: golden + "/coco", isSeed: { $0.hasSuffix(".txt") }, read: readRuns),
    ]
  }
}

/// A folder that readers find their partners in.
private func folder(_ name: String) throws -> String {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent("fuzz-\(name)").path
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  return path
}

private func readCOCO(_ path: String) throws {
  let pictures = try folder("coco")
  for index in 0..<4 {
    let name = "/COCO_test_00000000000\(index).jpg"
    _ = FileManager.default.createFile(atPath: pictures + name, contents: nil)
  }
  let source = try COCOInstances(path, images: pictures, isStrict: false)
  for record in source.records {
    // A damaged size may be large and right: what matters is that it is bounded.
    _ = try? source.mask(of: record)
  }
}

private func readXML(_ path: String) throws {
  let root = try folder("voc")
  for name in ["JPEGImages", "Annotations"] { _ = try folder("voc/\(name)") }
  _ = FileManager.default.createFile(atPath: root + "/JPEGImages/a.jpg", contents: nil)
  try Data("a\n".utf8).write(to: URL(fileURLWithPath: root + "/list.txt"))
  let annotation = root + "/Annotations/a.xml"
  try? FileManager.default.removeItem(atPath: annotation)
  try FileManager.default.createSymbolicLink(
    atPath: annotation, withDestinationPath: URL(fileURLWithPath: path).standardized.path)
  _ = try VOCFolder(root, list: root + "/list.txt", labels: .annotations)
}

private func readRuns(_ path: String) throws {
  let text = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
  let mask = try RunLengthMask(compressed: text, height: 40, width: 50)
  let again = RunLengthMask(bitmap: mask.bitmap, height: 40, width: 50)
  let box = mask.boundingBox
  guard again.area == mask.area, mask.union(again).area == mask.area,
    again.bitmap == mask.bitmap, mask.intersectionOverUnion(again) == (mask.area > 0 ? 1 : 0),
    box.width * box.height >= mask.area, box.x + box.width <= 50, box.y + box.height <= 40,
    try RunLengthMask(compressed: again.compressed.utf8, height: 40, width: 50) == again
  else { fatalError("runs that are not those of their own bitmap") }
}
