public import Datasets
internal import Foundation

/// The training and validation lists of a recipe's data, read when first needed.
public final class DataSet {
  private let settings: DataSettings
  private var opened: [Bool: any ImageSource] = [:]

  init(_ settings: DataSettings) { self.settings = settings }

  /// Whether there is a validation list.
  public var hasValidation: Bool { !settings.validation.isEmpty }

  /// What to do about pictures that cannot be read, in training.
  var failurePolicy: LoaderOptions.FailurePolicy { settings.skipsBroken ? .replace : .stop }

  /// The training list.
  ///
  /// - Throws: `DatasetError` naming what is wrong with it.
  public func train() throws -> any ImageSource { try source(isTraining: true) }

  /// The validation list.
  ///
  /// - Throws: `DatasetError` naming what is wrong with it, `PipelineError` where there is none.
  public func validation() throws -> any ImageSource { try source(isTraining: false) }

  /// The classes.
  public func classes() throws -> ClassTable { try train().classes }

  private func source(isTraining: Bool) throws -> any ImageSource {
    if let source = opened[isTraining] { return source }
    let list = isTraining ? settings.train : settings.validation
    guard !list.isEmpty else {
      throw PipelineError(.data, "data.validation is empty, and this needs a validation list")
    }
    let source = try open(list)
    guard !source.records.isEmpty else {
      throw PipelineError(.data, "data: the list '\(list)' in \(settings.root) holds no picture")
    }
    if isTraining && source.records.allSatisfy(\.labels.isEmpty) {
      throw PipelineError(
        .data,
        "data: no picture of the list '\(list)' in \(settings.root) has a label: there is nothing to "
          + "train on")
    }
    opened[isTraining] = source
    return source
  }

  private func open(_ list: String) throws -> any ImageSource {
    let root = settings.root
    func path(_ name: String) -> String? {
      if name.isEmpty { return nil }
      let inside = "\(root)/\(name)"
      return name.hasPrefix("/") || !FileManager.default.fileExists(atPath: inside) ? name : inside
    }
    let classes = try path(settings.classes).map { try ClassTable(contentsOf: $0) }
    let saliency = path(settings.saliency)
    switch settings.kind {
    case .voc:
      return try VOCFolder(
        root, list: list, classes: classes, labels: vocLabels(path),
        masks: settings.masks.isEmpty ? "SegmentationClass" : settings.masks, saliency: saliency)
    case .coco:
      return try COCOInstances(
        "\(root)/annotations/instances_\(list).json", images: "\(root)/\(list)", saliency: saliency)
    case .labels:
      let images = root + "/images"
      return try LabeledFolder(
        images: FileManager.default.fileExists(atPath: images) ? images : root,
        labels: path(list) ?? list, classes: classes ?? .voc,
        masks: path(settings.masks), saliency: saliency)
    case .folders:
      return try ClassFolders("\(root)/\(list)", classes: classes)
    case .masks:
      let remapping = settings.remapping.reduce(into: [Int: UInt8]()) { table, entry in
        if let value = Int(entry.key) { table[value] = UInt8(clamping: entry.value) }
      }
      return try MaskedImageList(
        root: root, list: path(list) ?? list, classes: classes ?? .voc, masks: path(settings.masks),
        remapping: remapping.isEmpty ? nil : remapping, labels: path(settings.labels),
        saliency: saliency)
    }
  }

  private func vocLabels(_ path: (String) -> String?) -> VOCFolder.LabelSource? {
    switch settings.labels {
    case "": nil
    case "annotations": .annotations
    case "masks": .masks
    default: path(settings.labels).map { .table($0) }
    }
  }

  /// A hash of a part by names, labels, sizes and times: quick to take.
  func stamp(_ part: DataPart) throws -> String { try hash(part) { fileStamp($0) } }

  /// A hash of a part by names, labels and contents.
  func content(_ part: DataPart) throws -> String { try hash(part, fileContent) }

  private func hash(_ part: DataPart, _ file: (String) throws -> String) throws -> String {
    let isTraining = part == .train || part == .trainMasks
    if !isTraining && !hasValidation { return "none" }
    let source = try source(isTraining: isTraining)
    let lines = try source.records.map { record in
      switch part {
      case .train, .validation:
        try "\(record.id) \(record.labels) \(file(record.imagePath)) "
          + (record.saliencyPath.map(file) ?? "-")
      case .trainMasks, .validationMasks: try "\(record.id) \(record.maskPath.map(file) ?? "-")"
      }
    }
    return contentHash((source.classes.names + lines).joined(separator: "\n"))
  }
}
