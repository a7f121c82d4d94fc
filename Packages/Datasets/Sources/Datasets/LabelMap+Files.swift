internal import CImages
public import Tensor

extension LabelMap {
  /// Reads a mask: a PNG file whose palette indices or grey values are labels.
  ///
  /// The colours of a palette do not matter. An RGB file is read where all its colours are those of
  /// `VOCPalette`. Alpha and EXIF orientation are ignored.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - remapping: Labels for the stored values, such as Cityscapes' 34 ids to 19 classes; values
  ///     that it lacks become 255. Without one, values are labels, and one above 255 is an error.
  /// - Throws: `DatasetError` naming the file where it is missing, broken, cut short, not a PNG, or
  ///   holds colours that are no labels.
  public init(contentsOf path: String, remapping: [Int: UInt8]? = nil) throws(DatasetError) {
    try self.init(encoded: InputFile.bytes(path), path: path, remapping: remapping)
  }

  /// Decodes a mask from PNG bytes, as `init(contentsOf:remapping:)` does.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - path: The name that errors give.
  ///   - remapping: Labels for the stored values; `nil` where they are labels.
  /// - Throws: `DatasetError` where the bytes are broken or hold colours that are no labels.
  public init(
    encoded bytes: [UInt8], path: String, remapping: [Int: UInt8]? = nil
  ) throws(DatasetError) {
    let header = try ImageCodec.header(bytes, path: path)
    guard header.format == .png else {
      throw DatasetError(path, "is a JPEG file, expected a PNG: a mask must be stored exactly")
    }
    let stored = try ImageCodec.decode(
      bytes, header, as: ci_indices, bytesPerPixel: header.hasColors ? 3 : 2, path: path)
    var labels =
      header.hasColors
      ? try Self.labels(ofColors: stored, width: header.width, path: path)
      : try Self.labels(ofValues: stored, remapping: remapping, path: path)
    if header.hasColors, let remapping {
      for index in labels.indices { labels[index] = remapping[Int(labels[index])] ?? 255 }
    }
    self.init(labels, shape: [header.height, header.width])
  }

  private static func labels(
    ofColors rgb: [UInt8], width: Int, path: String
  ) throws(DatasetError) -> [UInt8] {
    var labels: [UInt8] = []
    labels.reserveCapacity(rgb.count / 3)
    var unknown: [UInt32: Int] = [:]
    var last: (key: UInt32, label: UInt8) = (0, 0)
    for pixel in 0..<rgb.count / 3 {
      let key = VOCPalette.key(rgb[pixel * 3], rgb[pixel * 3 + 1], rgb[pixel * 3 + 2])
      if key != last.key {
        guard let label = VOCPalette.labels[key] else {
          if unknown[key] == nil && unknown.count < 4 { unknown[key] = pixel }
          labels.append(0)
          continue
        }
        last = (key, label)
      }
      labels.append(last.label)
    }
    guard unknown.isEmpty else {
      let colors = unknown.sorted { $0.value < $1.value }.map { key, pixel in
        "(\(key >> 16), \(key >> 8 & 255), \(key & 255)) at column \(pixel % width), "
          + "row \(pixel / width)"
      }
      throw DatasetError(
        path, "is an RGB mask with colours that are not VOC's: \(colors.joined(separator: "; "))")
    }
    return labels
  }

  private static func labels(
    ofValues stored: [UInt8], remapping: [Int: UInt8]?, path: String
  ) throws(DatasetError) -> [UInt8] {
    var table = [UInt8](repeating: 255, count: 1 << 16)
    if let remapping {
      for (value, label) in remapping where (0..<1 << 16).contains(value) { table[value] = label }
    } else {
      for value in 0..<256 { table[value] = UInt8(value) }
    }
    var highest: UInt16 = 0
    let labels = unsafe stored.withUnsafeBytes { bytes in
      // Safe: two bytes a pixel; an array's memory is aligned to 16.
      let values = unsafe bytes.bindMemory(to: UInt16.self)
      return unsafe [UInt8](unsafeUninitializedCapacity: values.count) { buffer, count in
        for unsafe(index, value) in unsafe values.enumerated() {
          highest = max(highest, value)
          unsafe buffer[index] = table[Int(value)]
        }
        count = values.count
      }
    }
    guard remapping != nil || highest < 256 else {
      throw DatasetError(path, "holds the value \(highest), expected labels 0...255")
    }
    return labels
  }

  /// Writes the mask as an 8-bit PNG file with VOC's palette: under a temporary name, then renamed.
  ///
  /// - Parameter path: The file.
  /// - Throws: `DatasetError` where the file cannot be written.
  public func writePNG(to path: String) throws(DatasetError) {
    check(shape.rank == 2, "writePNG: a label map of shape \(shape), expected [H, W]")
    let bytes = try ImageCodec.png(
      labels, width: shape[1], height: shape[0], palette: VOCPalette.colors, path: path)
    try OutputFile.write(bytes, to: path)
  }
}
