/// A folder with a sub-folder of pictures for each class.
public struct ClassFolders: ImageSource {
  /// The classes that labels count in.
  public let classes: ClassTable
  /// The pictures, class by class, in the order of their names; an id is `class/name`.
  public let records: [ImageRecord]
  /// Folders that are no class, and classes without pictures.
  public let problems: [DatasetProblem]

  /// Lists the pictures of every class.
  ///
  /// - Parameters:
  ///   - root: The folder of the classes' folders.
  ///   - classes: The classes; `nil` takes the folders' names in their order.
  ///   - isStrict: Whether an error is thrown; else it is kept in `problems`.
  /// - Throws: `DatasetError` where a class has no folder or the folder no class.
  public init(
    _ root: String, classes: ClassTable? = nil, isStrict: Bool = true
  ) throws(DatasetError) {
    let folders = try InputFile.names(in: root).filter { InputFile.isFolder(root + "/" + $0) }
    let table = if let classes { classes } else { try ClassTable(folders, lines: nil, path: root) }
    var log = ProblemLog()
    var records: [ImageRecord] = []
    for folder in folders where table[folder] == nil {
      log.error(root + "/" + folder, "is no class, expected \(LabelTable.expected(table))")
    }
    for (index, name) in table.names.enumerated() {
      let folder = root + "/" + name
      guard InputFile.isFolder(folder) else {
        log.error(folder, "no such folder, expected pictures of class '\(name)'")
        continue
      }
      let images = try ImageFolder(folder)
      if images.names.isEmpty { log.warning(folder, "holds no JPEG or PNG file") }
      var seen: Set<String> = []
      for file in images.names {
        let id = name + "/" + ImageFolder.stem(file)
        if !seen.insert(id).inserted {
          log.error(folder + "/" + file, "id '\(id)' for the second time")
        }
        records.append(
          ImageRecord(
            id: id, imagePath: folder + "/" + file, labels: [index + 1], maskPath: nil,
            saliencyPath: nil, origin: .init(path: folder, line: nil)))
      }
    }
    self.classes = table
    self.records = records
    problems = try log.result(isStrict: isStrict)
  }
}
