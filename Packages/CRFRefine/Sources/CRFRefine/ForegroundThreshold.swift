/// Which score parts foreground from background.
public enum ForegroundThreshold: Hashable, Sendable {
  /// For walked maps: of each image the threshold that best splits its scores in two, by Otsu's
  /// criterion on the fourth root of each pixel's largest score.
  ///
  /// The default, as it needs no masks to tune on. Walked scores fall off over orders of magnitude;
  /// the root brings the background's low ones apart from an object's edge, where Otsu on the
  /// scores themselves splits objects into bright and dim parts.
  ///
  /// Measured on 69 VOC pictures whose masks were degraded in three ways (a spot of the object lit;
  /// blurred; spilling far over) and walked, mIoU: this rule 83, 86, 68; the papers' 0.25 71, 84, 24;
  /// the best constant of each kind, which takes masks to find, 79, 86, 71.
  case automatic
  /// For maps as a network makes them, which fall off gently: Otsu's split of the scores themselves.
  ///
  /// Measured on the CAMs of 104 VOC pictures: mIoU 40.1; the best constant, which takes masks to
  /// find, 40.0, and the papers' 0.15 33.9.
  case otsu
  /// A share of the image's largest score, 0...1: 0.25 in IRN and the method's AMN route.
  case constant(Float)

  /// The threshold of an image.
  ///
  /// - Parameter scores: Each pixel's largest score over the classes, 0...1.
  /// - Returns: The share above which a pixel is foreground.
  public func value(for scores: [Float]) -> Float {
    switch self {
    case .constant(let value): value
    case .automatic: ScoreHistogram(scores, root: 4).split
    case .otsu: ScoreHistogram(scores, root: 1).split
    }
  }
}
