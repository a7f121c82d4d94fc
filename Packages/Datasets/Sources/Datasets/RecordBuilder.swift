internal import Tensor

/// Collects the records of a source and what is wrong with them.
struct RecordBuilder {
  private let images: ImageFolder
  private let masks: ImageFolder?
  private let saliency: ImageFolder?
  private var lines: [String: Int?] = [:]
  private(set) var records: [ImageRecord] = []
  var log = ProblemLog()

  /// - Parameters:
  ///   - images: The folder of pictures.
  ///   - masks: A folder of masks; one that does not exist counts as none.
  ///   - saliency: A folder of saliency maps, which must exist.
  /// - Throws: `DatasetError` naming a folder that cannot be read.
  init(images: String, masks: String?, saliency: String?) throws(DatasetError) {
    self.images = try ImageFolder(images)
    self.masks =
      if let masks, InputFile.isFolder(masks) { try ImageFolder(masks) } else { nil }
    self.saliency = if let saliency { try ImageFolder(saliency) } else { nil }
  }

  /// The names of all pictures in the folder.
  var imageNames: [String] { images.names }

  /// Whether the folder has a picture of that id.
  func hasImage(_ id: String) -> Bool { images.file(id) != nil }

  /// Adds a picture by its id, or by its file's name in the folder.
  mutating func add(_ name: String, origin: String, line: Int?, labels: [Int] = []) {
    guard let image = images.file(name) else {
      log.error(origin, line: line, "no picture '\(name)' in \(images.path)")
      return
    }
    // Masks and maps have the same name with another ending, so the ending is no part of the id.
    let isFile = image == images.path + "/" + name
    let id = isFile ? String(name[..<(name.lastIndex(of: ".") ?? name.endIndex)]) : name
    let mask = masks?.file(id)
    add(id, image: image, mask: mask, origin: origin, line: line, labels: labels)
  }

  /// Adds a picture by its file.
  mutating func add(
    _ id: String, image: String, mask: String?, origin: String, line: Int?, labels: [Int] = []
  ) {
    if let first = lines[id] {
      let place = first.map { ", after line \($0)" } ?? ""
      log.error(origin, line: line, "id '\(id)' for the second time\(place)")
      return
    }
    lines[id] = line
    let map = saliency?.file(id)
    if let saliency, map == nil {
      log.error(origin, line: line, "no saliency map of '\(id)' in \(saliency.path)")
    }
    records.append(
      ImageRecord(
        id: id, imagePath: image, labels: labels, maskPath: mask, saliencyPath: map,
        origin: .init(path: origin, line: line)))
  }

  /// Sets every record's labels by a function that reads a file, on all threads.
  mutating func label(_ read: (ImageRecord) throws(DatasetError) -> [Int]) {
    let results = withoutActuallyEscaping(read) { read in
      concurrentMap(records) { record -> Result<[Int], DatasetError> in
        do throws(DatasetError) {
          return .success(try read(record))
        } catch {
          return .failure(error)
        }
      }
    }
    for (index, result) in results.enumerated() {
      switch result {
      case .success(let labels): records[index] = records[index].labeled(labels)
      case .failure(let error): log.error(error)
      }
    }
  }

  /// Sets every record's labels to the classes in its mask.
  mutating func labelFromMasks(classes: ClassTable, remapping: [Int: UInt8]? = nil) {
    label { record throws(DatasetError) in
      guard let path = record.maskPath else {
        throw DatasetError(
          record.origin.path, line: record.origin.line,
          "no mask of '\(record.id)', from which its labels would come")
      }
      let mask = try LabelMap(contentsOf: path, remapping: remapping)
      return try mask.classes(in: classes, path: path)
    }
  }

  /// Sets every record's labels from a label table, which must know every id.
  mutating func label(from path: String, classes: ClassTable) throws(DatasetError) {
    let table = try LabelTable.reading(path, classes: classes, log: &log)
    for (index, record) in records.enumerated() {
      let file = record.imagePath.split(separator: "/").last.map(String.init) ?? ""
      if let labels = table[record.id] ?? table[file] {
        records[index] = record.labeled(labels)
      } else {
        log.error(
          record.origin.path, line: record.origin.line,
          "'\(record.id)' has no labels in \(path)")
      }
    }
  }
}

extension ImageRecord {
  func labeled(_ labels: [Int]) -> ImageRecord {
    ImageRecord(
      id: id, imagePath: imagePath, labels: labels, maskPath: maskPath, saliencyPath: saliencyPath,
      origin: origin)
  }
}

extension LabelMap {
  /// The classes that occur, ascending; a label that is no class is an error.
  func classes(in table: ClassTable, path: String) throws(DatasetError) -> [Int] {
    var isPresent = [Bool](repeating: false, count: 256)
    for label in labels { isPresent[Int(label)] = true }
    if let unknown = (table.count + 1..<255).first(where: { isPresent[$0] }) {
      throw DatasetError(path, "holds label \(unknown), expected 0...\(table.count) or 255")
    }
    return (1...table.count).filter { isPresent[$0] }
  }
}
