public import Tensor

/// A list of pictures and their masks, such as Cityscapes and ADE20K are used with.
public struct MaskedImageList: ImageSource {
  /// The classes that labels and masks count in.
  public let classes: ClassTable
  /// The pictures of the list, in its order.
  public let records: [ImageRecord]
  /// What was wrong with the list and the labels.
  public let problems: [DatasetProblem]
  /// Labels for the values stored in masks; `nil` where they are labels.
  public let remapping: [Int: UInt8]?

  /// Reads the list, and the labels from the masks or a table.
  ///
  /// - Parameters:
  ///   - root: The folder that the list's paths start at.
  ///   - list: A text file: the path of a picture a line, or of a picture and its mask with a tab
  ///     or a space between. The id is the picture's path without its ending.
  ///   - classes: The classes.
  ///   - masks: Where lines name no mask, the folder of masks: `masks/<id>.png`.
  ///   - remapping: Labels for the values stored in masks; others become 255.
  ///   - labels: A label table by id; `nil` takes the classes in the masks.
  ///   - saliency: A folder of saliency maps by id.
  ///   - isStrict: Whether an error is thrown; else it is kept in `problems`.
  /// - Throws: `DatasetError` naming files and lines.
  public init(
    root: String, list: String, classes: ClassTable, masks: String? = nil,
    remapping: [Int: UInt8]? = nil, labels: String? = nil, saliency: String? = nil,
    isStrict: Bool = true
  ) throws(DatasetError) {
    var builder = try RecordBuilder(images: root, masks: masks, saliency: saliency)
    for line in try InputFile.lines(list) {
      let hasTab = line.text.contains("\t")
      let fields = line.text.split { $0 == "\t" || (!hasTab && $0 == " ") }.map(String.init)
      let id = String(fields[0].prefix(upTo: fields[0].endIndexOfStem))
      guard fields.count <= 2 else {
        builder.log.error(
          list, line: line.number, "\(fields.count) fields, expected a picture and its mask")
        continue
      }
      let mask =
        fields.count == 2 ? root + "/" + fields[1] : masks.map { "\($0)/\(id).png" }
      let paths = [root + "/" + fields[0]] + (mask.map { [$0] } ?? [])
      if let missing = paths.first(where: { !InputFile.exists($0) }) {
        builder.log.error(list, line: line.number, "no file \(missing)")
        continue
      }
      builder.add(id, image: paths[0], mask: mask, origin: list, line: line.number)
    }
    if let labels {
      try builder.label(from: labels, classes: classes)
    } else {
      builder.labelFromMasks(classes: classes, remapping: remapping)
    }
    self.classes = classes
    self.remapping = remapping
    records = builder.records
    problems = try builder.log.result(isStrict: isStrict)
  }

  /// Reads a remapping: a stored value and its label a line, such as `26 13`; 255 counts nowhere.
  ///
  /// - Parameter path: The file.
  /// - Returns: The label of each value.
  /// - Throws: `DatasetError` naming the line that is no such pair, or a value's second.
  public static func remapping(contentsOf path: String) throws(DatasetError) -> [Int: UInt8] {
    var remapping: [Int: UInt8] = [:]
    for line in try InputFile.lines(path) {
      let fields = line.text.split { $0 == " " || $0 == "\t" || $0 == "," }
      guard fields.count == 2, let value = UInt16(fields[0]), let label = UInt8(fields[1]) else {
        throw DatasetError(
          path, line: line.number,
          "'\(line.text)', expected a value of 0...65535 and its label of 0...255")
      }
      guard remapping.updateValue(label, forKey: Int(value)) == nil else {
        throw DatasetError(path, line: line.number, "value \(value) for the second time")
      }
    }
    return remapping
  }

  /// The mask in the record's file, its values remapped.
  public func mask(of record: ImageRecord) throws(DatasetError) -> LabelMap? {
    guard let path = record.maskPath else { return nil }
    return try LabelMap(contentsOf: path, remapping: remapping)
  }
}

extension String {
  /// Where the ending of a path's file name starts.
  fileprivate var endIndexOfStem: Index {
    let name = lastIndex(of: "/").map { index(after: $0) } ?? startIndex
    guard let dot = self[name...].lastIndex(of: "."), dot != name else { return endIndex }
    return dot
  }
}
