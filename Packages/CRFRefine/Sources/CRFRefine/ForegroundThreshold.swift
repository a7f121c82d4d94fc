/// Which score parts foreground from background.
public enum ForegroundThreshold: Hashable, Sendable {
  /// Of each image the threshold that best splits its scores in two, by Otsu's criterion on the
  /// fourth root of each pixel's largest score.
  ///
  /// The default, as it needs no masks to tune on. Walked scores fall off over orders of magnitude;
  /// the root brings the background's low ones apart from an object's edge, where Otsu on the
  /// scores themselves splits objects into bright and dim parts.
  ///
  /// Measured on 69 VOC pictures whose masks were degraded in three ways (a spot of the object lit;
  /// blurred; spilling far over) and walked, mIoU: this rule 83, 86, 68; the papers' 0.25 71, 84, 24;
  /// the best constant of each kind, which takes masks to find, 79, 86, 71.
  case automatic
  /// A share of the image's largest score, 0...1: 0.25 in IRN and the method's AMN route.
  case constant(Float)

  /// The threshold of an image.
  ///
  /// - Parameter scores: Each pixel's largest score over the classes, 0...1.
  /// - Returns: The share above which a pixel is foreground.
  func value(for scores: [Float]) -> Float {
    switch self {
    case .constant(let value): value
    case .automatic: Self.split(scores)
    }
  }

  /// Otsu, "A threshold selection method from gray-level histograms", 1979: the split that makes the
  /// variance between both sides largest.
  private static func split(_ scores: [Float]) -> Float {
    let bins = 256
    var counts = [Double](repeating: 0, count: bins)
    for score in scores {
      let root = max(score, 0).squareRoot().squareRoot()
      counts[min(bins - 1, Int(root * Float(bins)))] += 1
    }
    let total = Double(scores.count)
    let center = { (bin: Int) in (Double(bin) + 0.5) / Double(bins) }
    let sum = counts.indices.reduce(0) { $0 + counts[$1] * center($1) }
    var (below, sumBelow) = (0.0, 0.0)
    var best = (variance: 0.0, first: 0, last: 0)
    for bin in 0..<bins - 1 {
      below += counts[bin]
      sumBelow += counts[bin] * center(bin)
      guard below > 0, below < total else { continue }
      let apart = sum * below - sumBelow * total
      let variance = apart * apart / (below * (total - below))
      if variance > best.variance {
        best = (variance, bin, bin)
      } else if variance == best.variance {
        best.last = bin
      }
    }
    // All scores in one bin: nothing to split, all of the image is object or none.
    guard best.variance > 0 else { return 0 }
    // Between the two sides, where bins without a score leave room.
    let root = Float(best.first + best.last + 2) / Float(2 * bins)
    return root * root * root * root
  }
}
