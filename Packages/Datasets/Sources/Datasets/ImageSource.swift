public import Tensor

/// One picture of a data set and what is known about it.
public struct ImageRecord: Hashable, Sendable {
  /// Its name in the data set, unique; any string.
  public let id: String
  /// The picture's file.
  public let imagePath: String
  /// The classes in it, ascending, each 1...C once.
  public let labels: [Int]
  /// The file of its mask, where the source keeps masks in files.
  public let maskPath: String?
  /// The file of its saliency map.
  public let saliencyPath: String?
  /// The file that lists it, and the line.
  public let origin: Origin

  /// Where a record comes from.
  public struct Origin: Hashable, Sendable {
    /// The file or folder.
    public let path: String
    /// The line of a text file.
    public let line: Int?
  }
}

/// A collection of pictures with image-level labels, and masks where it has them.
///
/// A source reads lists and labels when it is made, pixels when they are asked for, from any thread.
public protocol ImageSource: Sendable {
  /// The classes that labels and masks count in.
  var classes: ClassTable { get }
  /// The pictures, in the source's order.
  var records: [ImageRecord] { get }
  /// What was wrong with lists and labels; without errors unless the source was made leniently.
  var problems: [DatasetProblem] { get }

  /// The mask of a picture, 0 background, 1...C, 255 ignore; `nil` where the source has none.
  func mask(of record: ImageRecord) throws(DatasetError) -> LabelMap?
}

extension ImageSource {
  /// The picture of a record, upright.
  public func image(of record: ImageRecord) throws(DatasetError) -> Image {
    try Image(contentsOf: record.imagePath)
  }

  /// The mask in the record's file.
  public func mask(of record: ImageRecord) throws(DatasetError) -> LabelMap? {
    guard let path = record.maskPath else { return nil }
    return try LabelMap(contentsOf: path)
  }

  /// The saliency map of a record; `nil` where the source has none.
  public func saliency(of record: ImageRecord) throws(DatasetError) -> GrayImage? {
    guard let path = record.saliencyPath else { return nil }
    return try GrayImage(contentsOf: path)
  }

  /// The labels of every picture as a table, for `labels.csv`.
  public var labelTable: LabelTable {
    LabelTable(classes: classes, entries: records.map { ($0.id, $0.labels) })
  }
}
