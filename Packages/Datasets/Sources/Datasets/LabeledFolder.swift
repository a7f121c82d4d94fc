/// A folder of pictures and a `labels.csv` that names the classes in each.
public struct LabeledFolder: ImageSource {
  /// The classes that labels count in.
  public let classes: ClassTable
  /// The pictures of the table, in its order.
  public let records: [ImageRecord]
  /// What was wrong with the table, and pictures that it lacks.
  public let problems: [DatasetProblem]

  /// Reads the label table and looks for its pictures.
  ///
  /// - Parameters:
  ///   - images: The folder of pictures. An id is a picture's name, with or without its ending; it
  ///     may lead into folders below.
  ///   - labels: The label table, as `LabelTable` reads it.
  ///   - classes: The classes.
  ///   - masks: A folder of masks by id, for evaluation.
  ///   - saliency: A folder of saliency maps by id.
  ///   - isStrict: Whether an error is thrown; else it is kept in `problems`.
  /// - Throws: `DatasetError` naming files and lines.
  public init(
    images: String, labels: String, classes: ClassTable, masks: String? = nil,
    saliency: String? = nil, isStrict: Bool = true
  ) throws(DatasetError) {
    if let masks, !InputFile.isFolder(masks) {
      throw DatasetError(masks, "no such folder", isInputOutput: true)
    }
    var builder = try RecordBuilder(images: images, masks: masks, saliency: saliency)
    let table = try LabelTable.reading(labels, classes: classes, log: &builder.log)
    for entry in table.entries {
      builder.add(entry.id, origin: labels, line: entry.line, labels: entry.labels)
    }
    let known = Set(builder.records.map(\.imagePath))
    for name in builder.imageNames where !known.contains(images + "/" + name) {
      builder.log.warning(images + "/" + name, "is not in \(labels)")
    }
    self.classes = classes
    records = builder.records
    problems = try builder.log.result(isStrict: isStrict)
  }
}
