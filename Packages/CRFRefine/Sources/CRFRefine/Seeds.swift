public import Tensor

/// Confident labels from class activation maps: classes, background, and 255 where unsure.
///
/// Labels are made twice, once with much background and once with little, and each is refined by
/// the dense CRF. A pixel that stays foreground under much background is sure to be foreground.
public struct Seeds: Sendable {
  /// Where background comes from, twice.
  public enum Background: Sendable, Hashable {
    /// Two constant scores for each image, by Otsu's criterion for three groups (background, unsure,
    /// foreground) on the square roots of each pixel's largest score: no masks to tune on.
    ///
    /// Measured without a CRF on the CAMs of 104 VOC pictures, mIoU of labelled pixels and their
    /// share: 46.8 % of 64 %; IRN's thresholds 40.9 % of 67 %; the best of four hand-tuned pairs
    /// 46.2 % of 67 %.
    case automatic
    /// A constant score, high for foreground and low for background, as IRN's
    /// `cam_to_ir_label`: background is what both label maps say.
    case thresholds(foreground: Float, background: Float)
    /// `(1 - max over classes)^exponent`, low for foreground and high for background, as PSA
    /// makes the labels of AffinityNet: background is what the second says.
    case exponents(foreground: Float, background: Float)
  }

  /// Where background comes from.
  public var background: Background
  /// The CRF that refines both label maps; `nil` takes them as they are.
  public var crf: CRFPreset?

  /// Creates a recipe.
  ///
  /// - Parameters:
  ///   - background: Where background comes from; by default IRN's thresholds.
  ///   - crf: The CRF that refines both label maps. `.irnSeed` for thresholds, which give label
  ///     maps; `.psa` or `.eps` for exponents, which give scores.
  public init(
    background: Background = .thresholds(foreground: 0.30, background: 0.05),
    crf: CRFPreset? = .irnSeed
  ) {
    self.background = background
    self.crf = crf
  }

  /// The seeds of one image.
  ///
  /// - Parameters:
  ///   - maps: A map of each class in the image, the largest score near 1, `[H, W, K]`. K may be 0:
  ///     then all is background.
  ///   - classes: The maps' classes in 1...254, all different.
  ///   - image: RGB bytes, row-major `[H, W, 3]`; not looked at where there is no CRF.
  /// - Returns: `[H, W]`: 0, classes, or 255. The CRF runs on the classes in the image only.
  /// - Throws: `CRFRefineError` where shapes or numbers do not fit, or a score is not finite.
  public func labels(
    maps: Tensor, classes: [Int], image: [UInt8]
  ) throws(CRFRefineError) -> LabelMap {
    guard maps.rank == 3, maps.shape[0] > 0, maps.shape[1] > 0, maps.shape[2] == classes.count
    else {
      throw CRFRefineError(
        "seeds: maps \(maps.shape) for \(classes.count) classes, expected [H, W, \(classes.count)]")
    }
    if let wrong = classes.first(where: { !(1...254).contains($0) }) {
      throw CRFRefineError("seeds: class \(wrong), expected 1...254")
    }
    guard Set(classes).count == classes.count else {
      throw CRFRefineError("seeds: classes \(classes), expected each once")
    }
    let (height, width) = (maps.shape[0], maps.shape[1])
    if classes.isEmpty { return LabelMap(repeating: 0, shape: [height, width]) }
    var refine: DenseCRF?
    if let crf {
      refine = try DenseCRF(image: image, height: height, width: width, preset: crf)
    }
    // Indices 0...K of background and the classes.
    let sureForeground: LabelMap
    let sureBackground: LabelMap
    let isThresholds: Bool
    switch background {
    case .automatic:
      isThresholds = true
      let splits = ScoreHistogram(ScoreMaps.largestOfPixels(maps), root: 2).splits
      sureForeground = try labels(maps, threshold: splits.high, refine)
      sureBackground = try labels(maps, threshold: splits.low, refine)
    case .thresholds(let foreground, let background):
      isThresholds = true
      sureForeground = try labels(maps, threshold: foreground, refine)
      sureBackground = try labels(maps, threshold: background, refine)
    case .exponents(let foreground, let background):
      isThresholds = false
      sureForeground = try labels(maps, exponent: foreground, refine)
      sureBackground = try labels(maps, exponent: background, refine)
    }
    let names = [0] + classes.map { UInt8($0) }
    var seeds = sureForeground
    for (pixel, first) in sureForeground.labels.enumerated() {
      let isBackground = sureBackground.labels[pixel] == 0 && (first == 0 || !isThresholds)
      seeds.labels[pixel] =
        isBackground ? 0 : first == 0 ? LabelMap.ignoreIndex : names[Int(first)]
    }
    return seeds
  }

  private func labels(
    _ maps: Tensor, threshold: Float, _ refine: DenseCRF?
  ) throws(CRFRefineError) -> LabelMap {
    let labels = try LabelMap(largestOf: maps, background: threshold)
    guard let refine, let crf else { return labels }
    guard let confidence = crf.confidence else {
      throw CRFRefineError(
        "seeds: CRF preset '\(crf.name)' reads scores, thresholds give label maps; expected "
          + "'\(CRFPreset.irnSeed.name)' or a confidence")
    }
    let unary = try Unary(
      labels: labels, labelCount: maps.shape[2] + 1, confidence: confidence)
    return try refine.inferLabels(unary, iterations: crf.iterations)
  }

  private func labels(
    _ maps: Tensor, exponent: Float, _ refine: DenseCRF?
  ) throws(CRFRefineError) -> LabelMap {
    let unary = try Unary(scores: maps, backgroundExponent: exponent)
    // Without kernels, the labels of the unary.
    let crf =
      if let refine { refine } else {
        try DenseCRF(height: maps.shape[0], width: maps.shape[1], kernels: [])
      }
    return try crf.inferLabels(unary, iterations: self.crf?.iterations ?? 0)
  }
}
