public import Datasets
internal import Foundation

/// A collection of pictures on disk and the form it has: what recipes and commands open.
///
/// Names of files and folders are looked for in the root, then taken as paths.
public struct SourceForm: Sendable {
  /// The form.
  public var kind: DataSettings.Kind
  /// The folder.
  public var root: String
  /// The list. Empty: for VOC `trainval`, else `train`; for `labels` the file `labels.csv`; for
  /// `folders` the root itself, else a folder in it.
  public var list = ""
  /// `voc`, `coco` or a file of names. Empty: `classes.txt` in the root, else the form's own.
  public var classes = ""
  /// Where labels come from: for VOC `annotations`, `masks` or a label table; a table for `masks`.
  /// Empty: the form's own.
  public var labels = ""
  /// The folder of masks. Empty: the form's own.
  public var masks = ""
  /// The folder of saliency maps. Empty: none.
  public var saliency = ""
  /// Labels for the values stored in masks, for `masks`; `nil`: they are labels.
  public var remapping: [Int: UInt8]?
  /// Whether an error in lists and labels is thrown; else the source keeps it.
  public var isStrict = true

  /// Creates a form of which nothing but kind and folder is known.
  public init(_ kind: DataSettings.Kind, in root: String) { (self.kind, self.root) = (kind, root) }

  /// Reads lists and labels.
  ///
  /// - Returns: The pictures.
  /// - Throws: `DatasetError` or `PipelineError` naming the path of what is missing or wrong.
  public func open() throws -> any ImageSource {
    guard isFolder(root) else { throw PipelineError(.files, "\(root): no such folder") }
    let saliency = path(saliency)
    switch kind {
    case .voc:
      return try VOCFolder(
        root, list: list.isEmpty ? vocList : list, classes: table(), labels: vocLabels,
        masks: masks.isEmpty ? "SegmentationClass" : masks, saliency: saliency, isStrict: isStrict)
    case .coco:
      return try COCOInstances(
        "\(root)/annotations/instances_\(list).json", images: "\(root)/\(list)",
        saliency: saliency, isStrict: isStrict)
    case .labels:
      let images = root + "/images"
      return try LabeledFolder(
        images: isFolder(images) ? images : root,
        labels: path(list.isEmpty ? "labels.csv" : list) ?? "", classes: neededTable(),
        masks: path(masks), saliency: saliency, isStrict: isStrict)
    case .folders:
      let folder = path(list) ?? root
      guard isFolder(folder) else {
        throw PipelineError(
          .files, "\(folder): no such folder of classes; an empty list is \(root) itself")
      }
      return try ClassFolders(folder, classes: table(), saliency: saliency, isStrict: isStrict)
    case .masks:
      guard let list = path(list) else {
        throw PipelineError(.data, "\(root): pictures and masks need a list, and none is named")
      }
      return try MaskedImageList(
        root: root, list: list, classes: neededTable(), masks: path(masks), remapping: remapping,
        labels: path(labels), saliency: saliency, isStrict: isStrict)
    }
  }

  /// A name in the root, or a path where there is such a file and none in the root; `nil` for none.
  public func path(_ name: String) -> String? {
    if name.isEmpty { return nil }
    if name.hasPrefix("/") { return name }
    let isElsewhere = !exists(name) && FileManager.default.fileExists(atPath: name)
    return isElsewhere ? name : "\(root)/\(name)"
  }

  /// The classes that are named or stand in the root.
  private func table() throws -> ClassTable? {
    switch classes {
    case "voc": .voc
    case "coco": .coco
    case "": exists("classes.txt") ? try ClassTable(contentsOf: root + "/classes.txt") : nil
    default: try path(classes).map { try ClassTable(contentsOf: $0) }
    }
  }

  private func neededTable() throws -> ClassTable {
    guard let table = try table() else {
      throw PipelineError(.files, "\(root)/classes.txt: no such file, and no classes are named")
    }
    return table
  }

  private var vocList: String {
    exists("ImageSets/Segmentation/trainval.txt") ? "trainval" : "train"
  }

  private var vocLabels: VOCFolder.LabelSource? {
    switch labels {
    case "annotations": .annotations
    case "masks": .masks
    default: path(labels).map { .table($0) }
    }
  }

  private func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: "\(root)/\(name)")
  }

  private func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && isFolder.boolValue
  }
}
