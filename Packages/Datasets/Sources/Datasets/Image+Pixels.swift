internal import CPixels
internal import Tensor

extension [UInt8] {
  /// Bytes that `body` must all set.
  static func filled(
    _ count: Int, _ body: (UnsafeMutablePointer<UInt8>?) -> Void
  ) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      unsafe body(buffer.baseAddress)
      initialized = count
    }
  }

  /// A picture of `channels` bytes a pixel at another size.
  func resized(
    height: Int, width: Int, channels: Int, to newHeight: Int, _ newWidth: Int,
    _ resampling: Resampling
  ) -> [UInt8] {
    if height == newHeight && width == newWidth { return self }
    check(
      height > 0 && width > 0 && newHeight > 0 && newWidth > 0,
      "resized: \(width) x \(height) pixels to \(newWidth) x \(newHeight)")
    return unsafe .filled(newHeight * newWidth * channels) { out in
      // Safe: both pictures have as many bytes as their sizes say.
      guard
        unsafe cp_resize(
          self, Int32(height), Int32(width), Int32(channels), resampling.filter, out,
          Int32(newHeight), Int32(newWidth))
      else { fatalError("out of memory: a picture of \(newWidth) x \(newHeight) pixels") }
    }
  }

  /// The window of a picture; outside of the picture it is `fill`, the bytes of one pixel.
  func cropped(height: Int, width: Int, to window: PixelRegion, fill: [UInt8]) -> [UInt8] {
    unsafe .filled(window.height * window.width * fill.count) { out in
      // Safe: both pictures have as many bytes as their sizes say.
      unsafe cp_crop(
        self, height, width, fill.count, fill, out, window.top, window.left, window.height,
        window.width)
    }
  }

  /// A picture of `channels` bytes a pixel with left and right exchanged.
  func mirrored(height: Int, width: Int, channels: Int) -> [UInt8] {
    unsafe .filled(count) { out in
      // Safe: the picture has as many bytes as its sizes say.
      unsafe cp_mirror(self, height, width, channels, out)
    }
  }
}

extension Image {
  /// The picture at another size; its own size gives the same picture.
  ///
  /// - Parameters:
  ///   - height: Rows, 1 or more.
  ///   - width: Columns, 1 or more.
  ///   - resampling: How samples between pixels are made.
  /// - Returns: The picture of `height` x `width` pixels.
  public func resized(
    height: Int, width: Int, _ resampling: Resampling = .antialiasedBilinear
  ) -> Image {
    Image(
      pixels.resized(
        height: self.height, width: self.width, channels: 3, to: height, width, resampling),
      height: height, width: width)
  }

  /// A window of the picture, which may reach beyond it.
  ///
  /// - Parameters:
  ///   - window: The pixels of the result, in this picture's rows and columns.
  ///   - fill: The colour where there is no picture.
  /// - Returns: The picture of the window's size.
  public func cropped(to window: PixelRegion, fill: RGB) -> Image {
    Image(
      pixels.cropped(
        height: height, width: width, to: window, fill: [fill.red, fill.green, fill.blue]),
      height: window.height, width: window.width)
  }

  /// The picture with left and right exchanged.
  public func flipped() -> Image {
    Image(
      pixels.mirrored(height: height, width: width, channels: 3), height: height, width: width)
  }
}

extension GrayImage {
  func resized(height: Int, width: Int, _ resampling: Resampling) -> GrayImage {
    GrayImage(
      values.resized(
        height: self.height, width: self.width, channels: 1, to: height, width, resampling),
      height: height, width: width)
  }

  func cropped(to window: PixelRegion, fill: UInt8) -> GrayImage {
    GrayImage(
      values.cropped(height: height, width: width, to: window, fill: [fill]),
      height: window.height, width: window.width)
  }

  func flipped() -> GrayImage {
    GrayImage(
      values.mirrored(height: height, width: width, channels: 1), height: height, width: width)
  }
}
