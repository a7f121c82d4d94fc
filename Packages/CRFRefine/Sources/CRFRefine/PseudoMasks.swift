public import Tensor

/// How pseudo masks are made of score maps, most often walked ones.
///
/// Scores become shares of the image's largest; each pixel takes its largest class if that is above
/// the threshold, else background; a dense CRF may refine the labels; pixels that were decided by
/// little may become 255.
public struct PseudoMasks: Sendable {
  /// Which share of the largest score parts foreground from background.
  public var threshold: ForegroundThreshold
  /// The CRF that refines the masks; `nil` takes them as they are, as the method does.
  public var crf: CRFPreset?
  /// Pixels whose best and second-best scores, background's being the threshold, differ by less than
  /// this share of the better one become 255; 0 for none, below 1.
  public var unknownMargin: Float

  /// Creates a recipe.
  ///
  /// - Parameters:
  ///   - threshold: What parts foreground from background.
  ///   - crf: The CRF that refines the masks. A preset with a confidence, such as `.irnSeed`, reads
  ///     the labels; one without reads the scores and the threshold as probabilities.
  ///   - unknownMargin: What makes a pixel unknown.
  public init(
    threshold: ForegroundThreshold = .automatic, crf: CRFPreset? = nil, unknownMargin: Float = 0
  ) {
    (self.threshold, self.crf, self.unknownMargin) = (threshold, crf, unknownMargin)
  }

  /// The mask of one image.
  ///
  /// - Parameters:
  ///   - maps: A map of each class in the image, 0 or more, `[h, w, K]`; K may be 0, and the mask is
  ///     background then, as it is where all maps are 0.
  ///   - classes: The maps' classes in 1...254, all different.
  ///   - height: The image's height. Maps of h = height / s rows, rounded up, and as many columns
  ///     are enlarged by the whole number s and cropped; others are stretched.
  ///   - width: The image's width.
  ///   - image: RGB bytes, row-major `[H, W, 3]`; not looked at without a CRF.
  /// - Returns: The mask.
  /// - Throws: `CRFRefineError` where sizes or classes do not fit, or a number is out of range.
  public func mask(
    maps: Tensor, classes: [Int], height: Int, width: Int, image: [UInt8] = []
  ) throws(CRFRefineError) -> PseudoMask {
    try ScoreMaps.check(maps, classes: classes, "pseudo mask")
    guard height > 0, width > 0 else {
      throw CRFRefineError("pseudo mask: an image of \(height) x \(width), expected 1 x 1 or more")
    }
    if case .constant(let value) = threshold, !(0...1).contains(value) {
      throw CRFRefineError("pseudo mask: threshold \(value), expected 0...1")
    }
    guard unknownMargin >= 0, unknownMargin < 1 else {
      throw CRFRefineError("pseudo mask: unknown margin \(unknownMargin), expected 0..<1")
    }
    let enlarged = ScoreMaps.enlarged(maps, height: height, width: width)
    guard let scores = ScoreMaps.dividedByLargest(enlarged) else {
      return PseudoMask(
        LabelMap(repeating: 0, shape: [height, width]), classes, scores: nil, threshold: 1)
    }
    let threshold = threshold.value(for: ScoreMaps.largestOfPixels(scores))
    var indices = try LabelMap(largestOf: scores, background: threshold)
    if let crf {
      indices = try refined(indices, scores, threshold, crf, image)
    }
    if unknownMargin > 0 { markUnknown(&indices, scores, threshold) }
    let names = [0] + classes.map { UInt8($0) }
    var labels = indices
    for pixel in labels.labels.indices where labels.labels[pixel] != LabelMap.ignoreIndex {
      labels.labels[pixel] = names[Int(labels.labels[pixel])]
    }
    return PseudoMask(labels, classes, scores: scores, threshold: threshold)
  }

  private func refined(
    _ indices: LabelMap, _ scores: Tensor, _ threshold: Float, _ preset: CRFPreset,
    _ image: [UInt8]
  ) throws(CRFRefineError) -> LabelMap {
    let (height, width, classes) = (scores.shape[0], scores.shape[1], scores.shape[2])
    let crf = try DenseCRF(image: image, height: height, width: width, preset: preset)
    if let confidence = preset.confidence {
      let unary = try Unary(labels: indices, labelCount: classes + 1, confidence: confidence)
      return try crf.inferLabels(unary, iterations: preset.iterations)
    }
    // At most 1, and each pixel's scores and the threshold sum to 1.
    var probabilities = Tensor.zeros([height, width, classes + 1])
    probabilities.withMutableScalars { out in
      scores.withScalars { scores in
        for pixel in 0..<height * width {
          var sum = max(threshold, .leastNormalMagnitude)
          for index in 0..<classes { sum += scores[pixel * classes + index] }
          out[pixel * (classes + 1)] = threshold / sum
          for index in 0..<classes {
            out[pixel * (classes + 1) + index + 1] = scores[pixel * classes + index] / sum
          }
        }
      }
    }
    return try crf.inferLabels(
      Unary(probabilities: probabilities), iterations: preset.iterations)
  }

  private func markUnknown(_ indices: inout LabelMap, _ scores: Tensor, _ threshold: Float) {
    let classes = scores.shape[2]
    scores.withScalars { scores in
      for pixel in indices.labels.indices {
        var (best, second) = (threshold, Float(0))
        for index in 0..<classes {
          let score = scores[pixel * classes + index]
          second = max(second, min(best, score))
          best = max(best, score)
        }
        if best - second < unknownMargin * best {
          indices.labels[pixel] = LabelMap.ignoreIndex
        }
      }
    }
  }
}

extension PseudoMask {
  init(_ labels: LabelMap, _ classes: [Int], scores: Tensor?, threshold: Float) {
    var (counts, sums) = ([Int](repeating: 0, count: 256), [Double](repeating: 0, count: 256))
    for label in labels.labels { counts[Int(label)] += 1 }
    scores?.withScalars { scores in
      var place = [Int](repeating: -1, count: 256)
      for (index, label) in classes.enumerated() { place[label] = index }
      for (pixel, label) in labels.labels.enumerated() where place[Int(label)] >= 0 {
        sums[Int(label)] += Double(scores[pixel * classes.count + place[Int(label)]])
      }
    }
    self.labels = labels
    self.threshold = threshold
    self.classes = classes.map { label in
      ClassShare(
        label: label, pixelCount: counts[label],
        share: Double(counts[label]) / Double(labels.count),
        confidence: counts[label] > 0 ? Float(sums[label] / Double(counts[label])) : 0)
    }
    unknownShare = Double(counts[255]) / Double(labels.count)
  }
}
