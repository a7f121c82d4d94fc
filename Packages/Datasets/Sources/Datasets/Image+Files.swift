internal import CImages
internal import Tensor

extension Image {
  /// Reads a JPEG or PNG file as RGB, turned upright as its EXIF orientation says.
  ///
  /// Grey becomes RGB, inks (CMYK) become RGB as Pillow converts them, 16 bits become 8, and alpha
  /// is dropped. The format is known by the content, not by the file's name.
  ///
  /// - Parameter path: The file.
  /// - Throws: `DatasetError` naming the file where it is missing, broken, cut short or larger than
  ///   2^27 pixels.
  public init(contentsOf path: String) throws(DatasetError) {
    try self.init(encoded: InputFile.bytes(path), path: path)
  }

  /// Decodes JPEG or PNG bytes, as `init(contentsOf:)` does.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - path: The name that errors give.
  /// - Throws: `DatasetError` where the bytes are broken, cut short or too large a picture.
  public init(encoded bytes: [UInt8], path: String) throws(DatasetError) {
    try self.init(encoded: bytes, ImageCodec.header(bytes, path: path), path: path)
  }

  /// Reads a file as `init(contentsOf:)` does, a large JPEG at a half, a quarter or an eighth of its
  /// size: several times faster where much smaller pictures are wanted.
  ///
  /// libjpeg averages pixels on the way (as Pillow's `draft`), so that resizing the result does not
  /// give the pixels of resizing the whole picture; and masks are not reduced with it. PNG files are
  /// decoded whole.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - side: The least size that the longer side keeps, in pixels.
  /// - Throws: `DatasetError` as `init(contentsOf:)`.
  public init(contentsOf path: String, longSideAtLeast side: Int) throws(DatasetError) {
    let bytes = try InputFile.bytes(path)
    let header = try ImageCodec.header(bytes, path: path)
    try self.init(encoded: bytes, header.reduced(longSideAtLeast: side), path: path)
  }

  private init(
    encoded bytes: [UInt8], _ header: ImageCodec.Header, path: String
  ) throws(DatasetError) {
    let stored = try ImageCodec.decode(bytes, header, as: ci_rgb, bytesPerPixel: 3, path: path)
    let (pixels, width, height) = header.orientation.upright(
      stored, width: header.width, height: header.height, channels: 3)
    self.init(pixels, height: height, width: width)
  }

  /// Writes a JPEG file: under a temporary name, then renamed.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - quality: 1...100; from 90 up, colours keep the full resolution.
  /// - Throws: `DatasetError` where the file cannot be written.
  public func writeJPEG(to path: String, quality: Int = 95) throws(DatasetError) {
    check((1...100).contains(quality), "writeJPEG: quality \(quality), expected 1...100")
    try OutputFile.write(ImageCodec.jpeg(self, quality: quality, path: path), to: path)
  }

  /// The bytes of a JPEG file, to be sent or embedded.
  ///
  /// - Parameter quality: 1...100; from 90 up, colours keep the full resolution.
  /// - Returns: The whole file.
  /// - Throws: `DatasetError` where the picture is larger than the format allows.
  public func jpegBytes(quality: Int = 95) throws(DatasetError) -> [UInt8] {
    check((1...100).contains(quality), "jpegBytes: quality \(quality), expected 1...100")
    return try ImageCodec.jpeg(self, quality: quality, path: "a picture in memory")
  }

  /// Writes an RGB PNG file: under a temporary name, then renamed.
  ///
  /// - Parameter path: The file.
  /// - Throws: `DatasetError` where the file cannot be written.
  public func writePNG(to path: String) throws(DatasetError) {
    let bytes = try ImageCodec.png(pixels, width: width, height: height, path: path)
    try OutputFile.write(bytes, to: path)
  }

  /// The pictures of several files, decoded on all threads; each with its own error.
  ///
  /// - Parameter paths: The files.
  /// - Returns: A result a file, in order.
  public static func decoding(_ paths: [String]) -> [Result<Image, DatasetError>] {
    concurrentMap(paths) { path in
      do throws(DatasetError) {
        return .success(try Image(contentsOf: path))
      } catch {
        return .failure(error)
      }
    }
  }
}

extension GrayImage {
  /// Reads a JPEG or PNG file as grey, colours as `Image.luma`; for saliency maps.
  ///
  /// - Parameter path: The file.
  /// - Throws: `DatasetError` naming the file where it is missing, broken or cut short.
  public init(contentsOf path: String) throws(DatasetError) {
    let bytes = try InputFile.bytes(path)
    let header = try ImageCodec.header(bytes, path: path)
    guard !header.hasColors && !header.hasPalette && header.orientation == .upright else {
      self = try Image(encoded: bytes, path: path).luma
      return
    }
    values = try ImageCodec.decode(bytes, header, as: ci_gray, bytesPerPixel: 1, path: path)
    height = header.height
    width = header.width
  }

  /// Writes a grey PNG file: under a temporary name, then renamed.
  ///
  /// - Parameter path: The file.
  /// - Throws: `DatasetError` where the file cannot be written.
  public func writePNG(to path: String) throws(DatasetError) {
    let bytes = try ImageCodec.png(values, width: width, height: height, path: path)
    try OutputFile.write(bytes, to: path)
  }
}
