internal import CPixels
internal import Tensor

/// Pillow's colour changes (`ImageEnhance`, and torchvision's `adjust_hue` on Pillow's pictures),
/// to the last bit.
extension Image {
  /// The picture brighter or darker: 0 is black, 1 as it is.
  ///
  /// - Precondition: `factor` is not negative.
  public func adjustingBrightness(_ factor: Float) -> Image { blended(from: 0, factor) }

  /// The picture with its contrast changed: 0 is the mean grey, 1 as it is.
  ///
  /// - Precondition: `factor` is not negative.
  public func adjustingContrast(_ factor: Float) -> Image {
    let count = pixels.count / 3
    // Safe: three samples a pixel.
    let sum = unsafe cp_luma_sum(pixels, count)
    let mean = (Double(sum) / Double(max(count, 1)) + 0.5).rounded(.down)
    return blended(from: Float(mean), factor)
  }

  /// The picture with its saturation changed: 0 is grey, 1 as it is.
  ///
  /// - Precondition: `factor` is not negative.
  public func adjustingSaturation(_ factor: Float) -> Image {
    check(factor >= 0, "adjustingSaturation: factor \(factor)")
    return unsafe changed { out in
      // Safe: `out` has room for all samples.
      unsafe cp_saturate(pixels, pixels.count / 3, factor, out)
    }
  }

  /// The picture with its hues turned.
  ///
  /// Pillow keeps hue, saturation and value in 8 bits, so colours lose a little even at 0.
  ///
  /// - Parameter turn: A share of the circle, -0.5...0.5.
  /// - Returns: The picture.
  /// - Precondition: `turn` is in -0.5...0.5.
  public func adjustingHue(_ turn: Float) -> Image {
    check((-0.5...0.5).contains(turn), "adjustingHue: \(turn), expected -0.5...0.5")
    let shift = UInt8(truncatingIfNeeded: Int(Double(turn) * 255))
    return unsafe changed { out in
      // Safe: `out` has room for all samples.
      unsafe cp_turn_hue(pixels, pixels.count / 3, shift, out)
    }
  }

  private func blended(from base: Float, _ factor: Float) -> Image {
    check(factor >= 0, "adjusting a picture: factor \(factor), expected 0 or more")
    return unsafe changed { out in
      // Safe: `out` has room for all samples.
      unsafe cp_blend(pixels, pixels.count, base, factor, out)
    }
  }

  private func changed(_ body: (UnsafeMutablePointer<UInt8>?) -> Void) -> Image {
    unsafe Image(.filled(pixels.count, body), height: height, width: width)
  }
}
