internal import Tensor

/// Checks of what stages from maps to masks are given.
enum ScoreMaps {
  /// Checks maps `[H, W, K]` of K different classes, finite and 0 or more.
  static func check(_ maps: Tensor, classes: [Int], _ stage: String) throws(CRFRefineError) {
    guard maps.rank == 3, maps.shape[0] > 0, maps.shape[1] > 0, maps.shape[2] == classes.count
    else {
      throw CRFRefineError(
        "\(stage): maps \(maps.shape) for \(classes.count) classes, expected "
          + "[H, W, \(classes.count)]")
    }
    if let wrong = classes.first(where: { !(1...254).contains($0) }) {
      throw CRFRefineError("\(stage): class \(wrong), expected 1...254")
    }
    guard Set(classes).count == classes.count else {
      throw CRFRefineError("\(stage): classes \(classes), expected each once")
    }
    try maps.expectRange("score maps", 0, .greatestFiniteMagnitude)
  }

  /// The maps at the image's size, bilinear, pixels being areas.
  ///
  /// A network of stride s gives an image of H rows H / s of them, rounded up. Where such an s
  /// explains both sizes the maps are enlarged by it and cropped, so that every pixel lies where the
  /// network saw it; else they are stretched.
  static func enlarged(_ maps: Tensor, height: Int, width: Int) -> Tensor {
    let (rows, columns) = (maps.shape[0], maps.shape[1])
    let batch = maps.reshaped(1, rows, columns, maps.shape[2])
    let scale = (height + rows - 1) / rows
    let fits = { (size: Int, from: Int) in (size + scale - 1) / scale == from }
    guard maps.count > 0, fits(height, rows), fits(width, columns) else {
      return
        (maps.count == 0
        ? Tensor.zeros([1, height, width, 0]) : batch.resized(height: height, width: width))
        .reshaped(height, width, maps.shape[2])
    }
    return batch.resized(height: rows * scale, width: columns * scale)
      .sliced([.all, AxisRange(0..<height), AxisRange(0..<width)])
      .reshaped(height, width, maps.shape[2])
  }

  /// Scores as shares of the largest; `nil` where none is above 0.
  static func dividedByLargest(_ maps: Tensor) -> Tensor? {
    let largest = maps.withScalars { scores in
      (0..<maps.count).reduce(Float(0)) { max($0, scores[$1]) }
    }
    // Division, not a factor: the largest becomes 1, however small it was.
    return largest > 0 ? maps / Tensor(largest) : nil
  }

  /// The largest score of each pixel.
  static func largestOfPixels(_ maps: Tensor) -> [Float] {
    let classes = maps.shape[2]
    return maps.withScalars { scores in
      (0..<maps.shape[0] * maps.shape[1]).map { pixel in
        (0..<classes).reduce(Float(0)) { max($0, scores[pixel * classes + $1]) }
      }
    }
  }
}
