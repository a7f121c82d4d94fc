public import Tensor
internal import TensorIO

/// One object of an image.
public struct Instance: Hashable, Sendable {
  /// The class, 1...254.
  public let label: Int
  /// The largest score of its pixels, as a share of the image's largest; 0 for a fragment.
  public let score: Float
  /// Its pixels.
  public let mask: RunLengthMask

  /// Creates an instance.
  public init(label: Int, score: Float, mask: RunLengthMask) {
    (self.label, self.score, self.mask) = (label, score, mask)
  }
}

/// The objects of one image; no two share a pixel.
public struct InstanceMasks: Hashable, Sendable {
  /// The image's height in pixels.
  public let height: Int
  /// The image's width in pixels.
  public let width: Int
  /// The objects, by class as the maps were, then by group and first pixel.
  public let instances: [Instance]

  /// Creates the objects of an image.
  public init(height: Int, width: Int, instances: [Instance]) {
    (self.height, self.width, self.instances) = (height, width, instances)
  }

  /// 0 where there is no object, i + 1 at the pixels of `instances[i]`: `[H, W]`.
  public var ids: IndexTensor {
    var ids = IndexTensor([Int32](repeating: 0, count: height * width), shape: [height, width])
    for (index, instance) in instances.enumerated() {
      instance.mask.forEachRun { start, length in
        // Runs go down the columns.
        for place in start..<start + length {
          ids.indices[place % height * width + place / height] = Int32(index + 1)
        }
      }
    }
    return ids
  }

  /// The same ids as a label map, for an 8-bit picture.
  ///
  /// - Throws: `CRFRefineError` where there are more than 254 objects.
  public func labelMap() throws(CRFRefineError) -> LabelMap {
    guard instances.count <= 254 else {
      throw CRFRefineError(
        "instances: \(instances.count) objects do not fit a label map, at most 254")
    }
    return LabelMap(ids.indices.map { UInt8($0) }, shape: [height, width])
  }
}

/// COCO's result format: a JSON array of `image_id`, `category_id`, `segmentation` and `score`.
///
/// - Parameters:
///   - images: Images' ids with their objects. An id of digits alone is written as a number, as
///     COCO's are.
///   - categoryIDs: The category of each class; a class that is not in it is its own category.
/// - Returns: JSON text with compressed run lengths, one object a line, as pycocotools' `loadRes`
///   reads it.
public func cocoResults(
  _ images: [(id: String, masks: InstanceMasks)], categoryIDs: [Int: Int] = [:]
) -> String {
  let lines = images.flatMap { image in
    image.masks.instances.map { instance in
      let category = categoryIDs[instance.label] ?? instance.label
      return "{\"image_id\":\(jsonID(image.id)),\"category_id\":\(category),\"segmentation\":"
        + "{\"size\":[\(image.masks.height),\(image.masks.width)],\"counts\":"
        + "\(instance.mask.compressed.jsonQuoted)},\"score\":\(instance.score)}"
    }
  }
  return "[" + lines.joined(separator: ",\n") + "]\n"
}

private func jsonID(_ id: String) -> String {
  // A number has no leading zeros.
  if let number = Int(id), number >= 0, String(number) == id { return id }
  return id.jsonQuoted
}
