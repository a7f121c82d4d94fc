internal import Autograd
public import Datasets
internal import Tensor

/// A picture as a segmentation network takes it: whole, or in overlapping windows where it is large.
public struct PreparedPicture: Sendable {
  private let windows: [(region: PixelRegion, views: PictureViews)]
  /// The picture itself.
  public let image: Image

  /// Cuts and scales a picture; for the thread that loads it.
  ///
  /// - Parameters:
  ///   - image: A picture of any size.
  ///   - settings: Scales, mirror images, window.
  ///   - normalization: The model's.
  public init(_ image: Image, _ settings: PredictSettings, _ normalization: Normalization) {
    self.image = image
    let side = settings.window
    windows = Self.regions(image.height, image.width, side: side).map { region in
      let part =
        region.height == image.height && region.width == image.width
        ? image : image.cropped(to: region, fill: normalization.meanColor)
      return (region, PictureViews(part, settings.views, normalization))
    }
  }

  /// Windows of a side that overlap by a third at least and cover the picture; one where it fits.
  static func regions(_ height: Int, _ width: Int, side: Int) -> [PixelRegion] {
    func starts(_ length: Int) -> [Int] {
      guard length > side else { return [0] }
      let count = (length - side + side * 2 / 3 - 1) / max(side * 2 / 3, 1) + 1
      return (0..<count).map { $0 * (length - side) / max(count - 1, 1) }
    }
    return starts(height).flatMap { top in
      starts(width).map { left in
        PixelRegion(
          top: top, left: left, height: min(side, height), width: min(side, width))
      }
    }
  }

  /// The mean logits of all views and windows at the picture's size: `[H, W, C]`.
  func mean(
    _ cells: CellGrid, channels: Int, _ network: (Variable) -> Variable
  ) -> Tensor {
    if windows.count == 1 { return windows[0].views.mean(cells, network) }
    let (height, width) = (image.height, image.width)
    var sum = [Float](repeating: 0, count: height * width * channels)
    var counts = [Float](repeating: 0, count: height * width)
    for (region, views) in windows {
      views.mean(cells, network).withScalars { part in
        for row in 0..<region.height {
          let first = (region.top + row) * width + region.left
          for column in 0..<region.width { counts[first + column] += 1 }
          for index in 0..<region.width * channels {
            sum[first * channels + index] += part[row * region.width * channels + index]
          }
        }
      }
    }
    return Tensor(sum, shape: [height, width, channels])
      / Tensor(counts, shape: [height, width, 1])
  }
}
