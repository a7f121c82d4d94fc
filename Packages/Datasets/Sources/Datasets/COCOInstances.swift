public import Tensor
internal import TensorIO

/// A COCO annotation file, `instances_*.json`: polygons and runs of every object.
///
/// The file is mapped, read over once, and only places are kept; outlines are read when a mask is
/// asked for. Objects become pixels exactly as pycocotools draws them. An id is the name of the
/// picture's file without its ending.
public struct COCOInstances: ImageSource {
  /// What a crowd, an outline around many objects, counts as.
  public enum Crowd: Sendable {
    /// An object like any other.
    case object
    /// 255 in the mask; its class is a label of the picture.
    case ignore
    /// Nothing.
    case skip
  }

  /// An object of a picture.
  public struct Instance: Hashable, Sendable {
    /// Its class, 1...C.
    public let label: Int
    /// Whether it outlines a crowd.
    public let isCrowd: Bool
    /// Its pixels.
    public let mask: RunLengthMask
  }

  /// The classes: the file's categories in the order of their ids; for COCO's own files
  /// `ClassTable.coco`.
  public let classes: ClassTable
  /// The file's id of each class.
  public let categoryIDs: [Int]
  /// The pictures, in the file's order.
  public let records: [ImageRecord]
  /// What was wrong in the file, and pictures that are missing.
  public let problems: [DatasetProblem]

  /// The annotation file.
  public let path: String
  private let bytes: Bytes
  private let crowd: Crowd
  private let images: [String: COCOIndex.Image]

  /// Reads an annotation file.
  ///
  /// - Parameters:
  ///   - path: The JSON file.
  ///   - folder: The pictures, such as `train2014`.
  ///   - crowd: What crowds count as.
  ///   - saliency: A folder of saliency maps by id.
  ///   - isStrict: Whether an error in the lists is thrown; else it is kept in `problems`.
  /// - Throws: `DatasetError` naming the file and the byte, or the picture or annotation by its id.
  public init(
    _ path: String, images folder: String, crowd: Crowd = .object, saliency: String? = nil,
    isStrict: Bool = true
  ) throws(DatasetError) {
    do {
      bytes = try Bytes(mapping: path)
    } catch {
      throw DatasetError(path, error)
    }
    var index = try COCOIndex(bytes, path: path)
    var builder = try RecordBuilder(images: folder, masks: nil, saliency: saliency)
    builder.log = index.log
    var images: [String: COCOIndex.Image] = [:]
    for image in index.images {
      let id = ImageFolder.stem(image.file)
      let kept = image.annotations.filter { crowd != .skip || !$0.isCrowd }
      builder.add(id, origin: path, line: nil, labels: Set(kept.map { Int($0.label) }).sorted())
      if images[id] == nil { images[id] = image }
    }
    index.images = []
    self.path = path
    self.crowd = crowd
    self.images = images
    classes = index.classes
    categoryIDs = index.categoryIDs
    records = builder.records
    problems = try builder.log.result(isStrict: isStrict)
  }

  /// The file's id of each class, by its label, 1...C.
  public var categoryIDsByLabel: [Int: Int] {
    Dictionary(uniqueKeysWithValues: zip(1..., categoryIDs))
  }

  /// The file's id of a picture; `nil` where it is none of this source's.
  public func imageID(of record: ImageRecord) -> Int? { images[record.id]?.id }

  /// The objects of a picture, in the file's order, crowds as `crowd` says.
  ///
  /// - Parameter record: One of the source's records.
  /// - Returns: The objects.
  /// - Throws: `DatasetError` where an outline is broken or not of the picture's size.
  public func instances(of record: ImageRecord) throws(DatasetError) -> [Instance] {
    guard let image = images[record.id] else {
      throw DatasetError(path, "holds no picture '\(record.id)'")
    }
    var instances: [Instance] = []
    for annotation in image.annotations where crowd != .skip || !annotation.isCrowd {
      let mask = try unsafe bytes.withUnsafeBytes { bytes throws(DatasetError) in
        // Safe: the scanner does not leave the closure.
        var scanner = unsafe JSONScanner(bytes, path: path, at: annotation.segmentation)
        return try scanner.mask(height: image.height, width: image.width)
      }
      instances.append(
        Instance(label: Int(annotation.label), isCrowd: annotation.isCrowd, mask: mask))
    }
    return instances
  }

  /// The class of each pixel: where objects overlap, the first of the file; elsewhere 0.
  public func mask(of record: ImageRecord) throws(DatasetError) -> LabelMap? {
    guard let image = images[record.id] else {
      throw DatasetError(path, "holds no picture '\(record.id)'")
    }
    let instances = try instances(of: record)
    var labels = [UInt8](repeating: 0, count: image.height * image.width)
    for instance in instances {
      let label = instance.isCrowd && crowd == .ignore ? 255 : UInt8(instance.label)
      instance.mask.forEachRun { start, length in
        var (x, y) = (start / image.height, start % image.height)
        for _ in 0..<length {
          let pixel = y * image.width + x
          if labels[pixel] == 0 { labels[pixel] = label }
          y += 1
          if y == image.height { (x, y) = (x + 1, 0) }
        }
      }
    }
    return LabelMap(labels, shape: [image.height, image.width])
  }
}

extension JSONScanner {
  /// An outline: polygons, the lengths of runs, or their compressed text.
  fileprivate mutating func mask(
    height: Int, width: Int
  ) throws(DatasetError) -> RunLengthMask {
    do {
      if next(is: "[") { return try polygons(height: height, width: width) }
      return try runs(height: height, width: width)
    } catch let error as DatasetError {
      throw error
    } catch {
      throw invalid("\(error)")
    }
  }

  private mutating func polygons(height: Int, width: Int) throws -> RunLengthMask {
    var mask: RunLengthMask?
    var polygons: [[Double]] = []
    try array { (scanner) throws(DatasetError) in
      var polygon: [Double] = []
      try scanner.array { (scanner) throws(DatasetError) in polygon.append(try scanner.number()) }
      polygons.append(polygon)
    }
    for polygon in polygons {
      let part = try RunLengthMask(polygon: polygon, height: height, width: width)
      mask = mask?.union(part) ?? part
    }
    return mask
      ?? RunLengthMask(
        bitmap: [UInt8](repeating: 0, count: height * width), height: height, width: width)
  }

  private mutating func runs(height: Int, width: Int) throws -> RunLengthMask {
    var counts: [Int]?
    var text: [UInt8]?
    var size: [Int] = []
    try object { (key, scanner) throws(DatasetError) in
      switch key {
      case "counts" where scanner.next(is: "["):
        var runs: [Int] = []
        try scanner.array { (scanner) throws(DatasetError) in runs.append(try scanner.integer()) }
        counts = runs
      case "counts": text = try scanner.rawString()
      case "size":
        try scanner.array { (scanner) throws(DatasetError) in size.append(try scanner.integer()) }
      default: try scanner.skip()
      }
    }
    guard size == [height, width] else {
      throw invalid("runs of size \(size), the picture has [\(height), \(width)]")
    }
    if let counts { return try RunLengthMask(counts: counts, height: height, width: width) }
    guard let text else { throw invalid("runs without 'counts'") }
    return try RunLengthMask(compressed: text, height: height, width: width)
  }
}
