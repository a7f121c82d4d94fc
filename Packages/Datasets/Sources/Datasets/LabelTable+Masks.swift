internal import Tensor

extension LabelTable {
  /// The classes in each mask of a folder, by the masks' names without their ending.
  ///
  /// - Parameters:
  ///   - folder: The masks, PNG files; other files do not count.
  ///   - classes: The classes.
  ///   - remapping: Labels for the stored values; others become 255. `nil` where they are labels.
  /// - Throws: `DatasetError` naming each mask that is broken or holds a label of no class.
  public init(
    masks folder: String, classes: ClassTable, remapping: [Int: UInt8]? = nil
  ) throws(DatasetError) {
    let names = try InputFile.names(in: folder).filter { $0.lowercased().hasSuffix(".png") }
    guard !names.isEmpty else { throw DatasetError(folder, "holds no PNG file") }
    var log = ProblemLog()
    var entries: [(id: String, labels: [Int])] = []
    let results = concurrentMap(names) { name in
      Result { () throws(DatasetError) in
        let path = folder + "/" + name
        return try LabelMap(contentsOf: path, remapping: remapping).classes(in: classes, path: path)
      }
    }
    for (name, result) in zip(names, results) {
      switch result {
      case .success(let labels): entries.append((ImageFolder.stem(name), labels))
      case .failure(let error): log.error(error)
      }
    }
    _ = try log.result(isStrict: true)
    self.init(classes: classes, entries: entries)
  }
}
