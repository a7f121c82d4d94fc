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
  ///   - saliency: A folder of saliency maps by id, `class/name.png`.
  ///   - isStrict: Whether an error is thrown; else it is kept in `problems`.
  /// - Throws: `DatasetError` where a class has no folder or the folder no class.
  public init(
    _ root: String, classes: ClassTable? = nil, saliency: String? = nil, isStrict: Bool = true
  ) throws(DatasetError) {
    let folders = try InputFile.names(in: root).filter { InputFile.isFolder(root + "/" + $0) }
    guard !folders.isEmpty else {
      throw DatasetError(root, "holds no folders, expected one of pictures for each class")
    }
    let table = if let classes { classes } else { try ClassTable(folders, lines: nil, path: root) }
    var builder = try RecordBuilder(images: root, masks: nil, saliency: saliency)
    for folder in folders where table[folder] == nil {
      builder.log.error(root + "/" + folder, "is no class, expected \(LabelTable.expected(table))")
    }
    for (index, name) in table.names.enumerated() {
      let folder = root + "/" + name
      guard InputFile.isFolder(folder) else {
        builder.log.error(folder, "no such folder, expected pictures of class '\(name)'")
        continue
      }
      let images = try ImageFolder(folder)
      if images.names.isEmpty { builder.log.warning(folder, "holds no JPEG or PNG file") }
      for inner in try InputFile.names(in: folder)
      where InputFile.isFolder(folder + "/" + inner) {
        builder.log.warning(folder + "/" + inner, "is a folder below a class's: it is not read")
      }
      for file in images.names {
        builder.add(
          name + "/" + ImageFolder.stem(file), image: folder + "/" + file, mask: nil,
          origin: folder, line: nil, labels: [index + 1])
      }
    }
    self.classes = table
    records = builder.records
    problems = try builder.log.result(isStrict: isStrict)
  }
}
