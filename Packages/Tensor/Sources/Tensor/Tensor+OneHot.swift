extension Tensor {
  /// 1 at each label's class, 0 elsewhere: `[..., classes]`. Pixels of 255, "ignore", are all 0.
  ///
  /// - Precondition: All other labels are below `classes`.
  public init(oneHot labels: LabelMap, classes: Int) {
    check(classes >= 0, "oneHot: \(classes) classes")
    self = .zeros(Shape(labels.shape.dimensions + [classes]))
    let target = storage
    for (pixel, label) in labels.labels.enumerated() where label != LabelMap.ignoreIndex {
      check(Int(label) < classes, "oneHot: label \(label) at pixel \(pixel), \(classes) classes")
      // Safe: the pixel's row has `classes` elements.
      unsafe target.floats[pixel * classes + Int(label)] = 1
    }
  }
}

extension LabelMap {
  /// The class of the largest score of each pixel.
  ///
  /// - Parameter scores: `[..., classes]`, 255 classes at the most; ties go to the lower class.
  public init(argmaxOf scores: Tensor) {
    check(
      scores.rank >= 1 && scores.shape[-1] <= 255, "LabelMap: scores \(scores.shape)")
    let classes = scores.argmax(-1)
    self.init(classes.indices.map { UInt8(truncatingIfNeeded: $0) }, shape: classes.shape)
  }
}
