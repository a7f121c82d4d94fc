internal import CPixels
internal import Tensor

extension Sample {
  /// The sample at another size: the picture and its saliency by `resampling`, the mask by nearest
  /// pixels, maps bilinearly without antialiasing.
  ///
  /// - Precondition: Both sizes are 1 or more.
  public func resized(
    height: Int, width: Int, _ resampling: Resampling = .antialiasedBilinear
  ) -> Sample {
    if height == image.height && width == image.width { return self }
    var sample = self
    sample.image = image.resized(height: height, width: width, resampling)
    sample.mask = mask?.resizedNearestExact(height: height, width: width)
    sample.saliency = saliency?.resized(height: height, width: width, resampling)
    sample.maps = maps.map {
      $0.reshaped([1] + $0.shape.dimensions).resized(height: height, width: width)
        .reshaped(height, width, $0.shape[2])
    }
    sample.content = content.scaled(
      from: (image.height, image.width), to: (height, width))
    return sample
  }

  /// A window of the sample, which may reach beyond it: there the picture is `fill`, the mask 255,
  /// and saliency and maps are 0. `content` says where the picture lies.
  public func cropped(to window: PixelRegion, fill: RGB = .imageNetMean) -> Sample {
    if window == PixelRegion(height: image.height, width: image.width) { return self }
    var sample = self
    sample.image = image.cropped(to: window, fill: fill)
    sample.mask = mask?.cropped(to: window)
    sample.saliency = saliency?.cropped(to: window, fill: 0)
    sample.maps = maps?.cropped(to: window)
    sample.content = content.seen(through: window)
    return sample
  }

  /// The sample with left and right exchanged.
  public func flipped() -> Sample {
    var sample = self
    sample.image = image.flipped()
    sample.mask = mask?.flipped()
    sample.saliency = saliency?.flipped()
    sample.maps = maps?.flippedColumns()
    sample.content.left = image.width - content.left - content.width
    return sample
  }
}

extension Tensor {
  /// The window of `[H, W, K]`; 0 where it reaches beyond.
  func cropped(to window: PixelRegion) -> Tensor {
    let pixel = shape[2] * MemoryLayout<Float>.stride
    let zeros = [UInt8](repeating: 0, count: pixel)
    return unsafe Tensor(
      unsafeUninitialized: [window.height, window.width, shape[2]]
    ) { out in
      unsafe withUnsafeScalars { source in
        // Safe: both have `K` floats for each of their pixels.
        unsafe cp_crop(
          UnsafeRawPointer(source.baseAddress)?.assumingMemoryBound(to: UInt8.self), shape[0],
          shape[1], pixel, zeros,
          UnsafeMutableRawPointer(out.baseAddress)?.assumingMemoryBound(to: UInt8.self),
          window.top, window.left, window.height, window.width)
      }
    }
  }

  /// `[H, W, K]` with the order of the columns reversed.
  fileprivate func flippedColumns() -> Tensor {
    unsafe Tensor(unsafeUninitialized: shape) { out in
      unsafe withUnsafeScalars { source in
        // Safe: both have `K` floats for each of the same pixels.
        unsafe cp_mirror(
          UnsafeRawPointer(source.baseAddress)?.assumingMemoryBound(to: UInt8.self), shape[0],
          shape[1], shape[2] * MemoryLayout<Float>.stride,
          UnsafeMutableRawPointer(out.baseAddress)?.assumingMemoryBound(to: UInt8.self))
      }
    }
  }
}
