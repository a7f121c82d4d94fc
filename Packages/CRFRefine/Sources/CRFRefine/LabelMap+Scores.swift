public import Tensor

extension LabelMap {
  /// The most likely class of each pixel, where background has a constant score.
  ///
  /// - Parameters:
  ///   - maps: Scores of the classes, finite, `[H, W, K]`.
  ///   - background: The score of label 0; it wins a tie.
  /// - Throws: `CRFRefineError` where the shape is another, there are over 254 classes, or a score
  ///   is not finite. Label k is the k-th map's, counted from 1.
  public init(largestOf maps: Tensor, background: Float) throws(CRFRefineError) {
    guard maps.rank == 3, maps.shape[2] < 255 else {
      throw CRFRefineError("score maps: \(maps.shape), expected [H, W, K] with K at most 254")
    }
    guard background.isFinite else {
      throw CRFRefineError("score maps: background score \(background), expected finite")
    }
    let (width, classes) = (maps.shape[1], maps.shape[2])
    var labels = [UInt8](repeating: 0, count: maps.shape[0] * width)
    var wrong: Int?
    maps.withScalars { scores in
      for pixel in labels.indices {
        var best = background
        for index in 0..<classes {
          let score = scores[pixel &* classes &+ index]
          if !score.isFinite { wrong = wrong ?? pixel * classes + index }
          if score > best {
            best = score
            labels[pixel] = UInt8(truncatingIfNeeded: index &+ 1)
          }
        }
      }
    }
    if let wrong {
      let pixel = wrong / classes
      throw CRFRefineError(
        "score maps: map \(wrong % classes) at [\(pixel / width), \(pixel % width)] is "
          + "\(maps.scalars[wrong]), expected finite")
    }
    self.init(labels, shape: [maps.shape[0], width])
  }
}
