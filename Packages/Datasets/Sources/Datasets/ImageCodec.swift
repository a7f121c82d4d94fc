internal import CImages

/// JPEG and PNG bytes to samples and back; the only user of libjpeg and libpng.
enum ImageCodec {
  /// Larger pictures are refused before memory is taken for them: 2^27, 11 585 x 11 585.
  static let maximumPixelCount = 1 << 27

  enum Format { case jpeg, png }

  /// The format by the first bytes, never by the file's name.
  static func format(of bytes: [UInt8]) -> Format? {
    if bytes.starts(with: [0xff, 0xd8, 0xff]) { return .jpeg }
    if bytes.starts(with: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) { return .png }
    return nil
  }

  /// What a file's header says.
  struct Header {
    let format: Format
    var width: Int
    var height: Int
    let orientation: Orientation
    let hasColors: Bool
    let hasPalette: Bool
    /// By how much decoding divides the sizes that the file has: 1, 2, 4 or 8.
    var reduction = 1

    /// The header for decoding at the least size whose longer side is still `side`, for JPEG files.
    func reduced(longSideAtLeast side: Int) -> Header {
      guard format == .jpeg else { return self }
      func over(_ size: Int, _ divisor: Int) -> Int { (size + divisor - 1) / divisor }
      var header = self
      header.reduction = [8, 4, 2].first { over(max(width, height), $0) >= side } ?? 1
      header.width = over(width, header.reduction)
      header.height = over(height, header.reduction)
      return header
    }
  }

  static func header(_ bytes: [UInt8], path: String) throws(DatasetError) -> Header {
    guard let format = format(of: bytes) else {
      throw DatasetError(path, bytes.isEmpty ? "is empty" : "is neither a JPEG nor a PNG file")
    }
    var header = ci_header()
    try unsafe checking(path) { message in
      // Safe: the C functions stay within `bytes.count` and `ci_message_size`.
      switch format {
      case .jpeg: return unsafe ci_jpeg_header(bytes, bytes.count, &header, message)
      case .png: return unsafe ci_png_header(bytes, bytes.count, &header, message)
      }
    }
    let (width, height) = (Int(header.width), Int(header.height))
    guard width > 0, height > 0, width <= maximumPixelCount / height else {
      throw DatasetError(
        path, "has \(width) x \(height) pixels, expected 1...\(maximumPixelCount) in all")
    }
    return Header(
      format: format, width: width, height: height,
      orientation: Orientation(rawValue: Int(header.orientation)) ?? .upright,
      hasColors: header.has_colors, hasPalette: header.has_palette)
  }

  /// Samples as stored, not yet turned upright.
  static func decode(
    _ bytes: [UInt8], _ header: Header, as format: ci_format, bytesPerPixel: Int, path: String
  ) throws(DatasetError) -> [UInt8] {
    let count = header.width * header.height * bytesPerPixel
    var pixels: [UInt8] = []
    try unsafe checking(path) { message in
      var isWhole = false
      pixels = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        // Safe: the C functions refuse a format of other than `bytesPerPixel` bytes a pixel.
        let (width, height) = (Int32(header.width), Int32(header.height))
        switch header.format {
        case .jpeg:
          isWhole = unsafe ci_jpeg_decode(
            bytes, bytes.count, format, Int32(header.reduction), width, height,
            Int32(bytesPerPixel), buffer.baseAddress, message)
        case .png:
          isWhole = unsafe ci_png_decode(
            bytes, bytes.count, format, width, height, Int32(bytesPerPixel), buffer.baseAddress,
            message)
        }
        initialized = isWhole ? count : 0
      }
      return isWhole
    }
    return pixels
  }

  static func jpeg(_ image: Image, quality: Int, path: String) throws(DatasetError) -> [UInt8] {
    try unsafe encode(path) { out, message in
      // Safe: the picture has as many samples as its sizes say.
      unsafe ci_jpeg_encode(
        image.pixels, Int32(image.width), Int32(image.height), Int32(quality), out, message)
    }
  }

  static func png(
    _ pixels: [UInt8], width: Int, height: Int, palette: [UInt8]? = nil, path: String
  ) throws(DatasetError) -> [UInt8] {
    let channels = pixels.count / (width * height)
    return try unsafe encode(path) { out, message in
      // Safe: `channels` samples for each pixel, and 256 palette entries.
      if let palette {
        return unsafe ci_png_encode(
          pixels, Int32(width), Int32(height), 1, palette, out, message)
      }
      return unsafe ci_png_encode(
        pixels, Int32(width), Int32(height), Int32(channels), nil, out, message)
    }
  }

  private static func encode(
    _ path: String,
    _ body: (UnsafeMutablePointer<ci_bytes>, UnsafeMutablePointer<CChar>?) -> Bool
  ) throws(DatasetError) -> [UInt8] {
    var encoded = unsafe ci_bytes()
    try unsafe checking(path) { message in unsafe body(&encoded, message) }
    // Safe: the C function allocated `size` bytes, freed once here.
    defer { unsafe ci_free(encoded) }
    return unsafe Array(UnsafeBufferPointer(start: encoded.data, count: encoded.size))
  }

  /// Runs a C call and throws the text it leaves where it fails.
  private static func checking(
    _ path: String, _ body: (UnsafeMutablePointer<CChar>?) -> Bool
  ) throws(DatasetError) {
    var message = [CChar](repeating: 0, count: Int(ci_message_size))
    let isDone = unsafe message.withUnsafeMutableBufferPointer { unsafe body($0.baseAddress) }
    guard isDone else {
      let text = String(
        decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      throw DatasetError(path, "cannot be read: \(text)")
    }
  }
}
