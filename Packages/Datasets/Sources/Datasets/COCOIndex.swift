internal import TensorIO

/// What a COCO file holds and where, from one pass over it.
struct COCOIndex {
  /// An object: its class and the byte its outline starts at.
  struct Annotation {
    let label: UInt8
    let isCrowd: Bool
    let segmentation: Int
  }

  /// A picture and its objects.
  struct Image {
    let id: Int
    let file: String
    let height: Int
    let width: Int
    var annotations: [Annotation] = []
  }

  let classes: ClassTable
  let categoryIDs: [Int]
  var images: [Image] = []
  var log = ProblemLog()

  init(_ bytes: Bytes, path: String) throws(DatasetError) {
    let raw = try unsafe bytes.withUnsafeBytes { bytes throws(DatasetError) in
      // Safe: the scanner does not leave the closure.
      var scanner = unsafe JSONScanner(bytes, path: path)
      return try RawIndex(&scanner)
    }
    guard let categories = raw.categories, let images = raw.images,
      let annotations = raw.annotations
    else {
      let missing =
        raw.categories == nil ? "categories" : raw.images == nil ? "images" : "annotations"
      throw DatasetError(path, "has no '\(missing)', expected COCO's instances")
    }
    let sorted = categories.sorted { $0.id < $1.id }
    classes = try ClassTable(sorted.map(\.name), lines: nil, path: path)
    categoryIDs = sorted.map(\.id)
    var labels: [Int: UInt8] = [:]
    for (index, category) in sorted.enumerated() {
      if labels.updateValue(UInt8(index + 1), forKey: category.id) != nil {
        log.error(path, "category id \(category.id) for the second time")
      }
    }
    var positions: [Int: Int] = [:]
    for image in images {
      if positions[image.id] != nil {
        log.error(path, "image id \(image.id) for the second time")
        continue
      }
      positions[image.id] = self.images.count
      self.images.append(
        Image(id: image.id, file: image.file, height: image.height, width: image.width))
    }
    for annotation in annotations {
      guard let label = labels[annotation.category] else {
        log.error(
          path, "annotation \(annotation.id) has the unknown category id \(annotation.category)")
        continue
      }
      guard let position = positions[annotation.image] else {
        log.error(path, "annotation \(annotation.id) has the unknown image id \(annotation.image)")
        continue
      }
      self.images[position].annotations.append(
        Annotation(
          label: label, isCrowd: annotation.isCrowd, segmentation: annotation.segmentation))
    }
  }
}

/// The three lists as the file has them, in any order.
private struct RawIndex {
  var categories: [(id: Int, name: String)]?
  var images: [(id: Int, file: String, height: Int, width: Int)]?
  var annotations: [(id: Int, image: Int, category: Int, isCrowd: Bool, segmentation: Int)]?

  init(_ scanner: inout JSONScanner) throws(DatasetError) {
    var categories: [(id: Int, name: String)]?
    var images: [(id: Int, file: String, height: Int, width: Int)]?
    var annotations: [(id: Int, image: Int, category: Int, isCrowd: Bool, segmentation: Int)]?
    try scanner.object { (key, scanner) throws(DatasetError) in
      switch key {
      case "categories": categories = try Self.categories(&scanner)
      case "images": images = try Self.images(&scanner)
      case "annotations": annotations = try Self.annotations(&scanner)
      default: try scanner.skip()
      }
    }
    try scanner.end()
    self.categories = categories
    self.images = images
    self.annotations = annotations
  }

  private static func categories(
    _ scanner: inout JSONScanner
  ) throws(DatasetError) -> [(id: Int, name: String)] {
    var list: [(id: Int, name: String)] = []
    try scanner.array { (scanner) throws(DatasetError) in
      var id: Int?
      var name: String?
      try scanner.object { (key, scanner) throws(DatasetError) in
        switch key {
        case "id": id = try scanner.integer()
        case "name": name = try scanner.string()
        default: try scanner.skip()
        }
      }
      guard let id, let name else { throw scanner.broken("a category without id or name") }
      list.append((id, name))
    }
    return list
  }

  private static func images(
    _ scanner: inout JSONScanner
  ) throws(DatasetError) -> [(id: Int, file: String, height: Int, width: Int)] {
    var list: [(id: Int, file: String, height: Int, width: Int)] = []
    try scanner.array { (scanner) throws(DatasetError) in
      var id: Int?
      var file: String?
      var (height, width) = (0, 0)
      try scanner.object { (key, scanner) throws(DatasetError) in
        switch key {
        case "id": id = try scanner.integer()
        case "file_name": file = try scanner.string()
        case "height": height = try scanner.integer()
        case "width": width = try scanner.integer()
        default: try scanner.skip()
        }
      }
      guard let id, let file else { throw scanner.broken("an image without id or file_name") }
      guard height > 0, width > 0, height <= ImageCodec.maximumPixelCount / width else {
        throw scanner.broken("image \(id) of \(height) x \(width) pixels")
      }
      list.append((id, file, height, width))
    }
    return list
  }

  private static func annotations(
    _ scanner: inout JSONScanner
  ) throws(DatasetError) -> [(
    id: Int, image: Int, category: Int, isCrowd: Bool, segmentation: Int
  )] {
    var list: [(id: Int, image: Int, category: Int, isCrowd: Bool, segmentation: Int)] = []
    try scanner.array { (scanner) throws(DatasetError) in
      var id = 0
      var image: Int?
      var category: Int?
      var isCrowd = false
      var segmentation: Int?
      try scanner.object { (key, scanner) throws(DatasetError) in
        switch key {
        case "id": id = try scanner.integer()
        case "image_id": image = try scanner.integer()
        case "category_id": category = try scanner.integer()
        case "iscrowd": isCrowd = try scanner.integer() != 0
        case "segmentation":
          segmentation = scanner.position
          try scanner.skip()
        default: try scanner.skip()
        }
      }
      guard let image, let category, let segmentation else {
        throw scanner.broken("an annotation without image_id, category_id or segmentation")
      }
      list.append((id, image, category, isCrowd, segmentation))
    }
    return list
  }
}
