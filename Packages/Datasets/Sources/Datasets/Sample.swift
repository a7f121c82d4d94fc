public import Tensor

/// A picture with all that is known about its pixels; what transforms change, all in step.
public struct Sample: Sendable {
  /// The picture's name in its data set.
  public var id: String
  /// The classes in it, ascending, each 1...C once. Transforms keep them, whatever they cut away.
  public var labels: [Int]
  /// The picture.
  public internal(set) var image: Image
  /// The class of each pixel, `[H, W]`.
  public internal(set) var mask: LabelMap?
  /// The saliency of each pixel, 0 ... 255.
  public internal(set) var saliency: GrayImage?
  /// Scores of each pixel, such as class activation maps, `[H, W, K]`.
  public internal(set) var maps: Tensor?
  /// Where the picture lies; the rest is padding.
  public internal(set) var content: PixelRegion

  /// Creates a sample.
  ///
  /// - Parameters:
  ///   - id: The picture's name.
  ///   - image: The picture.
  ///   - labels: The classes in it, ascending, each 1...C once.
  ///   - mask: The class of each pixel, `[H, W]`.
  ///   - saliency: The saliency of each pixel.
  ///   - maps: Scores of each pixel, `[H, W, K]`.
  ///   - content: Where the picture lies; everywhere by default.
  /// - Throws: `DatasetError` naming the id where something has another size than the picture.
  public init(
    id: String, image: Image, labels: [Int] = [], mask: LabelMap? = nil,
    saliency: GrayImage? = nil, maps: Tensor? = nil, content: PixelRegion? = nil
  ) throws(DatasetError) {
    func expectSize(_ what: String, _ shape: [Int]) throws(DatasetError) {
      if Array(shape.prefix(2)) != [image.height, image.width] {
        throw DatasetError(
          id,
          "\(what) of \(shape[1]) x \(shape[0]) pixels, its picture has "
            + "\(image.width) x \(image.height)")
      }
    }
    if let mask {
      check(mask.shape.rank == 2, "Sample: a mask of shape \(mask.shape), expected [H, W]")
      try expectSize("a mask", mask.shape.dimensions)
    }
    if let saliency { try expectSize("a saliency map", [saliency.height, saliency.width]) }
    if let maps {
      check(maps.rank == 3, "Sample: maps of shape \(maps.shape), expected [H, W, K]")
      try expectSize("maps", maps.shape.dimensions)
    }
    self.id = id
    self.image = image
    self.labels = labels
    self.mask = mask
    self.saliency = saliency
    self.maps = maps
    self.content = content ?? PixelRegion(height: image.height, width: image.width)
  }

  /// Reads a picture of a source with all the source has of it.
  ///
  /// - Parameters:
  ///   - record: One of the source's records.
  ///   - source: Where its files are.
  ///   - withMask: Whether to read the mask; training on image labels must not see it.
  ///   - withSaliency: Whether to read the saliency map.
  /// - Throws: `DatasetError` naming a file that is missing, broken or of another size.
  public init(
    _ record: ImageRecord, from source: some ImageSource, withMask: Bool = false,
    withSaliency: Bool = false
  ) throws(DatasetError) {
    try self.init(
      id: record.id, image: source.image(of: record), labels: record.labels,
      mask: withMask ? source.mask(of: record) : nil,
      saliency: withSaliency ? source.saliency(of: record) : nil)
  }
}
