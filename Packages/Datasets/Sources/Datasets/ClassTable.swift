/// The names of a data set's classes, in order: label 0 is background, label `i` is `names[i - 1]`.
public struct ClassTable: Hashable, Sendable {
  /// The names of the foreground classes 1...`count`.
  public let names: [String]
  private let indices: [String: Int]

  /// The number of foreground classes.
  public var count: Int { names.count }

  /// Creates a table from names.
  ///
  /// - Parameter names: 1 to 254 names, all different, none empty.
  /// - Throws: `DatasetError` where a name is empty or there twice, or there are too many.
  public init(_ names: [String]) throws(DatasetError) {
    try self.init(names, lines: nil, path: "classes")
  }

  /// Reads a class list: a name a line, in order; empty lines do not count.
  ///
  /// - Parameter path: The file.
  /// - Throws: `DatasetError` naming file and line where it is missing or a name is there twice.
  public init(contentsOf path: String) throws(DatasetError) {
    let lines = try InputFile.lines(path)
    try self.init(lines.map(\.text), lines: lines.map(\.number), path: path)
  }

  init(_ names: [String], lines: [Int]?, path: String) throws(DatasetError) {
    guard (1...254).contains(names.count) else {
      throw DatasetError(path, "holds \(names.count) classes, expected 1...254")
    }
    var indices: [String: Int] = [:]
    for (position, name) in names.enumerated() {
      let line = lines?[position]
      guard !name.isEmpty else { throw DatasetError(path, line: line, "an empty class name") }
      if let first = indices[name] {
        throw DatasetError(
          path, line: line, "class '\(name)' for the second time, after class \(first)")
      }
      indices[name] = position + 1
    }
    self.names = names
    self.indices = indices
  }

  init(trusted names: [String]) {
    self.names = names
    indices = Dictionary(
      zip(names, names.indices.map { $0 + 1 }), uniquingKeysWith: { first, _ in first })
  }

  /// The label of a class, 1...`count`; `nil` for a name that is none.
  public subscript(name: String) -> Int? { indices[name] }

  /// Writes the class list that `init(contentsOf:)` reads.
  ///
  /// - Parameter path: The file.
  /// - Throws: `DatasetError` where the file cannot be written, or a name is no line of it.
  public func write(to path: String) throws(DatasetError) {
    if let name = names.first(where: { !$0.isLine }) {
      throw DatasetError(
        path, "class '\(name)' holds a line break, or a space at an end, and cannot be in a list")
    }
    try OutputFile.write(names.map { $0 + "\n" }.joined(), to: path)
  }

  /// The 20 classes of PASCAL VOC, in its order.
  public static let voc = ClassTable(trusted: [
    "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow",
    "diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train",
    "tvmonitor",
  ])

  /// The 80 classes of MS COCO 2014 and 2017, in the order of `cocoIDs`.
  public static let coco = ClassTable(trusted: [
    "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat",
    "traffic light", "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat", "dog",
    "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe", "backpack", "umbrella",
    "handbag", "tie", "suitcase", "frisbee", "skis", "snowboard", "sports ball", "kite",
    "baseball bat", "baseball glove", "skateboard", "surfboard", "tennis racket", "bottle",
    "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple", "sandwich", "orange",
    "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch", "potted plant",
    "bed", "dining table", "toilet", "tv", "laptop", "mouse", "remote", "keyboard", "cell phone",
    "microwave", "oven", "toaster", "sink", "refrigerator", "book", "clock", "vase", "scissors",
    "teddy bear", "hair drier", "toothbrush",
  ])

  /// COCO's official category ids of the classes of `coco`: 1...90 with gaps.
  public static let cocoIDs: [Int] = (1...90).filter {
    ![12, 26, 29, 30, 45, 66, 68, 69, 71, 83].contains($0)
  }
}

extension String {
  /// Whether it reads back from a list, in which each name has a line.
  var isLine: Bool {
    !contains(where: \.isNewline) && first?.isWhitespace == false && last?.isWhitespace == false
  }
}
