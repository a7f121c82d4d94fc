import ArgumentParser
import Datasets
import Foundation
import Tensor

struct ConvertCOCO: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert-coco",
    abstract: "Write a COCO instances file as a VOC folder: masks, labels, a list.",
    discussion: """
      Pictures are linked, not copied. The same folder may take several lists, such as train2014 \
      and val2014. Masks are those that pycocotools draws; where objects overlap, the first of the \
      file is above.

      EXAMPLES
        fbr dataset convert-coco coco/annotations/instances_val2014.json coco-voc
      """)

  @Argument(help: "The annotations, instances_*.json.", completion: .file(extensions: ["json"]))
  var annotations: String

  @Argument(help: "The folder to write; made where it is missing.", completion: .directory)
  var folder: String

  @Option(
    help: "The pictures. (default: for annotations/instances_NAME.json the folder NAME beside)")
  var images: String?

  @Option(help: "The list's name. (default: NAME of instances_NAME.json)")
  var list: String?

  @Option(help: "What crowds are in masks: object, ignore (255) or skip.")
  var crowd = Crowd.object

  @Flag(help: "Print JSON instead of a line.")
  var json = false

  enum Crowd: String, CaseIterable, ExpressibleByArgument {
    case object, ignore, skip

    var value: COCOInstances.Crowd {
      switch self {
      case .object: .object
      case .ignore: .ignore
      case .skip: .skip
      }
    }
  }

  func run() throws {
    let file = URL(fileURLWithPath: annotations)
    let stem = file.deletingPathExtension().lastPathComponent
    let name = stem.hasPrefix("instances_") ? String(stem.dropFirst(10)) : stem
    let beside = file.deletingLastPathComponent().deletingLastPathComponent()
    let pictures = images ?? beside.appendingPathComponent(name).path
    let written = try endingOnDataErrors {
      let source = try COCOInstances(annotations, images: pictures, crowd: crowd.value)
      let bar = CountLine("written")
      defer { bar.clear() }
      let list = list ?? name
      let masks = try source.writeVOCFolder(folder, list: list, progress: { bar.show($0, of: $1) })
      return Written(
        folder: folder, list: list, classes: source.classes.count,
        pictures: source.records.count, masks: masks)
    }
    if json {
      try printJSON(written)
    } else {
      print(
        "\(counted(written.pictures, "picture")) of \(counted(written.classes, "class")), "
          + "\(counted(written.masks, "mask")): list '\(written.list)' in \(folder)")
    }
  }

  private struct Written: Encodable {
    let folder, list: String
    let classes, pictures, masks: Int
  }
}
