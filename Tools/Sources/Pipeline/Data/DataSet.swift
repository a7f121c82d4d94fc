public import Datasets

/// The training and validation lists of a recipe's data, read when first needed.
public final class DataSet {
  private let settings: DataSettings
  private var opened: [Bool: any ImageSource] = [:]

  init(_ settings: DataSettings) { self.settings = settings }

  /// Whether there is a validation list.
  public var hasValidation: Bool { !settings.validation.isEmpty }

  /// Whether pictures that cannot be read are passed over.
  var skipsBroken: Bool { settings.skipsBroken }

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
    guard isTraining || !list.isEmpty else {
      throw PipelineError(.data, "data.validation is empty, and this needs a validation list")
    }
    let source = try open(list, isTraining: isTraining)
    guard !source.records.isEmpty else {
      throw PipelineError(
        .data,
        "data: " + (list.isEmpty ? "" : "the list '\(list)' in ")
          + "\(settings.root) holds no picture")
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

  private func open(_ list: String, isTraining: Bool) throws -> any ImageSource {
    var form = SourceForm(settings.kind, in: settings.root)
    form.list = list
    form.classes = settings.classes
    form.labels = settings.labels
    form.masks = settings.masks
    // Only training learns from them: nobody has to make more.
    if isTraining { form.saliency = settings.saliency }
    let remapping = settings.remapping.reduce(into: [Int: UInt8]()) { table, entry in
      if let value = Int(entry.key) { table[value] = UInt8(clamping: entry.value) }
    }
    if !remapping.isEmpty { form.remapping = remapping }
    return try form.open()
  }

  /// A hash of a part by names, labels, sizes and times: quick to take.
  func stamp(_ part: DataPart) throws -> String { try hash(part) { fileStamp($0) } }

  /// A hash of a part by names, labels and contents.
  func content(_ part: DataPart) throws -> String { try hash(part, fileContent) }

  private func hash(_ part: DataPart, _ file: (String) throws -> String) throws -> String {
    let isTraining = ![.validation, .validationMasks].contains(part)
    if !isTraining && !hasValidation { return "none" }
    let source = try source(isTraining: isTraining)
    let lines = try source.records.map { record in
      switch part {
      case .train, .validation:
        try "\(record.id) \(record.labels) \(file(record.imagePath))"
      case .trainSaliency: try "\(record.id) \(record.saliencyPath.map(file) ?? "-")"
      case .trainMasks, .validationMasks: try "\(record.id) \(record.maskPath.map(file) ?? "-")"
      }
    }
    let isOfMasks = part == .trainMasks || part == .validationMasks
    let more = isOfMasks ? try maskSource(source, file) : []
    return contentHash((source.classes.names + lines + more).joined(separator: "\n"))
  }

  /// What masks depend on beside their own files; nothing for most sets.
  private func maskSource(
    _ source: any ImageSource, _ file: (String) throws -> String
  ) throws -> [String] {
    try settings.remapping.sorted { $0.key < $1.key }.map { "\($0.key) is \($0.value)" }
      + ((source as? COCOInstances).map { [try file($0.path)] } ?? [])
  }
}
