internal import Datasets
internal import Foundation
internal import Tensor

/// A picture at the size of the report, and what is drawn over it.
struct Thumbnail {
  /// The longer side at the most, in pixels.
  static let side = 240

  /// The picture.
  let image: Image
  private let gray: [UInt8]

  /// A picture, made smaller where it is larger than a thumbnail.
  init(_ image: Image, side: Int = side) {
    let factor = min(Double(side) / Double(max(image.height, image.width)), 1)
    func scaled(_ size: Int) -> Int { max(Int((Double(size) * factor).rounded()), 1) }
    self.image = image.resized(height: scaled(image.height), width: scaled(image.width))
    // Paler than the picture, so that colours stand out on it.
    gray = self.image.luma.values.map { UInt8(64 + Int($0) * 164 / 255) }
  }

  /// The picture in grey with each label in its class's colour, borders drawn full, and 255 as
  /// white stripes.
  func overlaid(with mask: LabelMap) -> Image {
    let (height, width) = (image.height, image.width)
    let labels = mask.resizedNearestExact(height: height, width: width).labels
    return painted { row, column in
      let index = row * width + column
      let label = labels[index]
      if label == LabelMap.ignoreIndex {
        return (row + column) % 6 < 2 ? (RGB(255, 255, 255), 0.85) : (RGB(255, 255, 255), 0.25)
      }
      guard label > 0 else { return nil }
      let isBorder =
        (column > 0 && labels[index - 1] != label)
        || (column + 1 < width && labels[index + 1] != label)
        || (row > 0 && labels[index - width] != label)
        || (row + 1 < height && labels[index + width] != label)
      return (ClassColors.color(of: Int(label)), isBorder ? 1 : 0.55)
    }
  }

  /// The picture in grey with the strongest class's colour, the stronger its score the fuller.
  func overlaid(with file: MapFile) -> Image {
    let (height, width) = (image.height, image.width)
    guard !file.classes.isEmpty else { return painted { _, _ in nil } }
    let maps = file.maps.mapsResized(height: height, width: width)
    let count = file.classes.count
    return maps.withScalars { maps in
      painted { row, column in
        let first = (row * width + column) * count
        var best = 0
        for index in 1..<max(count, 1) where maps[first + index] > maps[first + best] {
          best = index
        }
        let score = max(0, min(1, maps[first + best]))
        return (ClassColors.color(of: file.classes[best]), score * 0.9)
      }
    }
  }

  private func painted(_ paint: (Int, Int) -> (color: RGB, share: Float)?) -> Image {
    var pixels = [UInt8]()
    pixels.reserveCapacity(gray.count * 3)
    for row in 0..<image.height {
      for column in 0..<image.width {
        let ground = gray[row * image.width + column]
        guard let (color, share) = paint(row, column) else {
          pixels += [ground, ground, ground]
          continue
        }
        for channel in [color.red, color.green, color.blue] {
          pixels.append(UInt8(Float(ground) + (Float(channel) - Float(ground)) * share))
        }
      }
    }
    return Image(pixels, height: image.height, width: image.width)
  }
}

extension Image {
  /// The picture inside the page, as a JPEG file in base64.
  ///
  /// - Parameters:
  ///   - alternative: What it shows, for those who cannot see it.
  ///   - quality: Of the file, 1...100.
  /// - Returns: An image element.
  /// - Throws: `DatasetError` for a picture too large for the format, which no thumbnail is.
  func embedded(_ alternative: String, quality: Int = 90) throws -> HTML {
    let text = Data(try jpegBytes(quality: quality)).base64EncodedString()
    return """
      <img alt="\(alternative)" width="\(width)" height="\(height)" \
      src="data:image/jpeg;base64,\(text)"/>
      """
  }
}
