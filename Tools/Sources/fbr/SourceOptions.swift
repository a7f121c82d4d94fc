public import ArgumentParser
import Datasets
import Foundation
public import Pipeline

/// Where a collection of pictures is and in what form, for every command that reads one.
struct SourceOptions: ParsableArguments {
  @Argument(help: "The folder of the data set.", completion: .directory)
  var folder: String

  @Option(
    help: """
      The form: voc (JPEGImages, ImageSets), coco (annotations/instances_LIST.json and the folder \
      LIST), labels (labels.csv, pictures beside it or in images), folders (one a class), masks \
      (a list of pictures and masks). (default: by what the folder holds)
      """)
  var kind: DataSettings.Kind?

  @Option(
    help: """
      voc: a name in ImageSets/Segmentation, default trainval, else train; coco: such as train2014; \
      labels: the file, default labels.csv; folders: a folder below, default the folder itself; \
      masks: the file, which has no default.
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
    let options: [(name: String, value: String?, kinds: [DataSettings.Kind])] = [
      ("list", list, DataSettings.Kind.allCases), ("labels", labels, [.voc, .masks]),
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
    var form = SourceForm(kind ?? detectedKind, in: folder)
    form.list = list ?? ""
    form.classes = classes ?? ""
    form.labels = labels ?? ""
    form.masks = masks ?? ""
    form.saliency = saliency ?? ""
    form.isStrict = false
    let isThere = FileManager.default.fileExists(atPath: folder)
    switch form.kind {
    case .coco where isThere: form.list = try cocoList
    case .masks:
      guard list != nil else { throw ValidationError("--kind masks needs a --list") }
      form.remapping = try form.path(remapping ?? "").map {
        try MaskedImageList.remapping(contentsOf: $0)
      }
    default: break
    }
    if [.labels, .masks].contains(form.kind), isThere, classes == nil, !exists("classes.txt") {
      throw ValidationError("\(folder) holds no classes.txt: name the classes with --classes")
    }
    return try form.open()
  }

  private var detectedKind: DataSettings.Kind {
    if exists("JPEGImages") { return .voc }
    if exists("annotations") { return .coco }
    return exists("labels.csv") ? .labels : list == nil ? .folders : .masks
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

  private func isFolder(_ name: String) -> Bool {
    var isFolder: ObjCBool = false
    return unsafe FileManager.default.fileExists(
      atPath: folder + "/" + name, isDirectory: &isFolder) && isFolder.boolValue
  }

  private func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: folder + "/" + name)
  }
}

extension DataSettings.Kind: ExpressibleByArgument {}
