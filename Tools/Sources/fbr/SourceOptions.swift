import ArgumentParser
import Datasets
import Foundation

/// Where a collection of pictures is and in what form, for every command that reads one.
struct SourceOptions: ParsableArguments {
  enum Kind: String, CaseIterable, ExpressibleByArgument {
    case voc, coco, labels, folders, masks
  }

  @Argument(help: "The folder of the data set.", completion: .directory)
  var folder: String

  @Option(
    help: """
      The form: voc (JPEGImages, ImageSets), coco (annotations/instances_LIST.json and the folder \
      LIST), labels (labels.csv, pictures beside it or in images), folders (one a class), masks \
      (a list of pictures and masks). (default: by what the folder holds)
      """)
  var kind: Kind?

  @Option(
    help: """
      voc: a name in ImageSets/Segmentation, default trainval, else train; coco: such as train2014; \
      labels: the file, default labels.csv; masks: the file, which has no default.
      """)
  var list: String?

  @Option(
    help: """
      voc, coco or a file, a name a line. (default: classes.txt in the folder, else the form's own)
      """)
  var classes: String?

  @Option(help: "voc, masks: where labels come from: annotations, masks or a label table.")
  var labels: String?

  @Option(help: "The folder of masks. (default for voc: SegmentationClass)")
  var masks: String?

  @Option(help: "A folder of saliency maps by id.", completion: .directory)
  var saliency: String?

  @Option(help: "masks: a file of a stored value and its label a line.")
  var remapping: String?

  func validate() throws {
    guard FileManager.default.fileExists(atPath: folder) else { return }
    if kind == nil, detectedKind == .folders, isFolder("images") {
      throw ValidationError(
        "\(folder) holds a folder images but no labels.csv, 'id,class;class' a line; --kind names "
          + "another form")
    }
    let kind = kind ?? detectedKind
    let options: [(name: String, value: String?, kinds: [Kind])] = [
      ("list", list, [.voc, .coco, .labels, .masks]), ("labels", labels, [.voc, .masks]),
      ("masks", masks, [.voc, .labels, .masks]), ("remapping", remapping, [.masks]),
    ]
    for option in options where option.value != nil && !option.kinds.contains(kind) {
      let kinds = option.kinds.map(\.rawValue).joined(separator: ", ")
      throw ValidationError(
        "--\(option.name) goes with the forms \(kinds); \(folder) is read as \(kind.rawValue)")
    }
  }

  /// Reads the lists; what is wrong in them is kept in the source's problems.
  func source() throws -> any ImageSource {
    let maps = saliency.map(inside)
    switch kind ?? detectedKind {
    case .voc:
      return try VOCFolder(
        folder, list: list ?? vocList, classes: table(), labels: vocLabels,
        masks: masks ?? "SegmentationClass", saliency: maps, isStrict: false)
    case .coco:
      let list = try cocoList
      return try COCOInstances(
        "\(folder)/annotations/instances_\(list).json", images: "\(folder)/\(list)",
        saliency: maps, isStrict: false)
    case .labels:
      return try LabeledFolder(
        images: isFolder("images") ? folder + "/images" : folder,
        labels: inside(list ?? "labels.csv"), classes: needed(), masks: masks.map(inside),
        saliency: maps, isStrict: false)
    case .folders:
      return try ClassFolders(folder, classes: table(), saliency: maps, isStrict: false)
    case .masks:
      guard let list else { throw ValidationError("--kind masks needs a --list") }
      return try MaskedImageList(
        root: folder, list: inside(list), classes: needed(), masks: masks.map(inside),
        remapping: try remapping.map { try MaskedImageList.remapping(contentsOf: inside($0)) },
        labels: labels.map(inside), saliency: maps, isStrict: false)
    }
  }

  /// The classes that `--classes` or the folder names.
  func table() throws -> ClassTable? {
    switch classes {
    case "voc": .voc
    case "coco": .coco
    case let file?: try ClassTable(contentsOf: inside(file))
    case nil: exists("classes.txt") ? try ClassTable(contentsOf: folder + "/classes.txt") : nil
    }
  }

  private func needed() throws -> ClassTable {
    guard let table = try table() else {
      throw ValidationError("\(folder) holds no classes.txt: name the classes with --classes")
    }
    return table
  }

  private var detectedKind: Kind {
    if isFolder("JPEGImages") { return .voc }
    if isFolder("annotations") { return .coco }
    return exists("labels.csv") ? .labels : list == nil ? .folders : .masks
  }

  private var vocList: String {
    exists("ImageSets/Segmentation/trainval.txt") ? "trainval" : "train"
  }

  private var vocLabels: VOCFolder.LabelSource? {
    switch labels {
    case nil: nil
    case "annotations": .annotations
    case "masks": .masks
    case let file?: .table(inside(file))
    }
  }

  private var cocoList: String {
    get throws {
      if let list { return list }
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/annotations"))
      let lists = (names ?? []).sorted()
        .filter { $0.hasPrefix("instances_") && $0.hasSuffix(".json") }
        .map { String($0.dropFirst(10).dropLast(5)) }
      guard lists.count == 1 else {
        throw ValidationError(
          "\(folder)/annotations holds \(lists.count) files instances_*.json: name one with --list")
      }
      return lists[0]
    }
  }

  /// A name in the folder where there is such a file, else a path.
  private func inside(_ name: String) -> String {
    name.hasPrefix("/") || !exists(name) && FileManager.default.fileExists(atPath: name)
      ? name : folder + "/" + name
  }

  private func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: folder + "/" + name)
  }

  private func isFolder(_ name: String) -> Bool {
    var isFolder: ObjCBool = false
    return unsafe FileManager.default.fileExists(
      atPath: folder + "/" + name, isDirectory: &isFolder) && isFolder.boolValue
  }
}
