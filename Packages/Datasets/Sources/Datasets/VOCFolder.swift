public import Tensor

/// A PASCAL VOC folder: `JPEGImages`, `ImageSets`, `Annotations`, `SegmentationClass`.
///
/// Serves VOC 2007 and 2012, the SBD training list with `SegmentationClassAug`, and anything in the
/// same layout.
public struct VOCFolder: ImageSource {
  /// Where image-level labels come from.
  public enum LabelSource: Hashable, Sendable {
    /// The objects in `Annotations/<id>.xml`, "difficult" ones too.
    case annotations
    /// The classes in the mask.
    case masks
    /// A label table: `labels.csv` or `cls_labels.txt`.
    case table(String)
  }

  /// The folder.
  public let root: String
  /// The classes that labels and masks count in.
  public let classes: ClassTable
  /// The pictures of the list, in its order.
  public let records: [ImageRecord]
  /// What was wrong with the list and the labels.
  public let problems: [DatasetProblem]

  /// Reads a list of a VOC folder and the labels of its pictures.
  ///
  /// - Parameters:
  ///   - root: The folder that holds `JPEGImages`.
  ///   - list: A name under `ImageSets/Segmentation` such as `train`, or the path of a list: an id
  ///     a line, or SBD's pairs of picture and mask.
  ///   - classes: The classes; `nil` reads `classes.txt` where the folder has it, else takes VOC's.
  ///   - labels: Where labels come from; `nil` takes `Annotations` where the folder has it, else
  ///     its `labels.csv`, else masks.
  ///   - masks: The folder of masks under `root`, such as `SegmentationClassAug`. Pictures without
  ///     a file there have no mask; VOC's own folder may be missing, another may not.
  ///   - saliency: A folder of saliency maps.
  ///   - isStrict: Whether an error in list or labels is thrown; else it is kept in `problems`, and
  ///     what can be read is there.
  /// - Throws: `DatasetError` naming files and lines.
  public init(
    _ root: String, list: String, classes: ClassTable? = nil, labels: LabelSource? = nil,
    masks: String = "SegmentationClass", saliency: String? = nil, isStrict: Bool = true
  ) throws(DatasetError) {
    let classes = if let classes { classes } else { try Self.classes(of: root) }
    guard masks == "SegmentationClass" || InputFile.isFolder(root + "/" + masks) else {
      throw DatasetError(root + "/" + masks, "no such folder", isInputOutput: true)
    }
    var builder = try RecordBuilder(
      images: root + "/JPEGImages", masks: root + "/" + masks, saliency: saliency)
    let segmentation = "\(root)/ImageSets/Segmentation/\(list).txt"
    let listPath = InputFile.exists(segmentation) ? segmentation : list
    guard InputFile.exists(listPath) else {
      throw DatasetError(
        segmentation, "no such list, and no file '\(list)'", isInputOutput: true)
    }
    for line in try InputFile.lines(listPath) {
      let fields = line.text.split(whereSeparator: { $0 == " " || $0 == "\t" })
      // SBD writes "/JPEGImages/2007_000032.jpg /SegmentationClassAug/2007_000032.png"; names of
      // one's own may hold a space.
      let id =
        fields.count > 1 && builder.hasImage(line.text)
        ? line.text
        : fields[0].contains("/") ? ImageFolder.stem(String(fields[0])) : String(fields[0])
      builder.add(id, origin: listPath, line: line.number)
    }
    let source =
      labels
      ?? (InputFile.isFolder(root + "/Annotations")
        ? .annotations
        : InputFile.exists(root + "/labels.csv") ? .table(root + "/labels.csv") : .masks)
    switch source {
    case .annotations:
      builder.label { record throws(DatasetError) in
        try VOCAnnotation(contentsOf: "\(root)/Annotations/\(record.id).xml").labels(in: classes)
      }
    case .masks: builder.labelFromMasks(classes: classes)
    case .table(let path): try builder.label(from: path, classes: classes)
    }
    self.root = root
    self.classes = classes
    records = builder.records
    problems = try builder.log.result(isStrict: isStrict)
  }

  private static func classes(of root: String) throws(DatasetError) -> ClassTable {
    let list = root + "/classes.txt"
    return InputFile.exists(list) ? try ClassTable(contentsOf: list) : .voc
  }

  /// The object of each pixel, 1, 2, ..., from `SegmentationObject`; 255 is the border.
  ///
  /// - Parameter record: One of the folder's records.
  /// - Returns: The map; `nil` where the folder has none for the picture.
  /// - Throws: `DatasetError` where the file is broken.
  public func objects(of record: ImageRecord) throws(DatasetError) -> LabelMap? {
    let path = "\(root)/SegmentationObject/\(record.id).png"
    guard InputFile.exists(path) else { return nil }
    return try LabelMap(contentsOf: path)
  }
}
