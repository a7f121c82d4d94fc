internal import Tensor

/// COCO's matching of one picture's predictions of a category to its true objects, for one range
/// of sizes.
struct COCOMatching: Sendable {
  /// The scores of the predictions, the surest first.
  let scores: [Double]
  /// For each IoU threshold, whether each prediction found an object.
  let isMatched: [[Bool]]
  /// For each IoU threshold, whether each prediction counts neither as right nor as wrong.
  let isIgnored: [[Bool]]
  /// The number of true objects to find.
  let truths: Int

  /// IoU that a match reaches, as `numpy.linspace(.5, .95, 10)` rounds them.
  static let thresholds: [Double] = {
    let (first, last) = (0.5, 0.95)
    let step = (last - first) / 9
    return (0..<9).map { Double($0) * step + first } + [last]
  }()
  /// All, small, medium and large objects, in pixels.
  static let areas: [ClosedRange<Double>] = [0...1e10, 0...1024, 1024...9216, 9216...1e10]

  /// Matches for every range of sizes.
  ///
  /// - Parameters:
  ///   - predictions: Of one category and picture, the surest first.
  ///   - truths: Of the same category and picture.
  /// - Returns: One matching a range of `areas`.
  static func all(
    _ predictions: [InstancePrediction], _ truths: [InstanceTruth]
  ) -> [COCOMatching] {
    let ious = predictions.map { prediction in
      truths.map { prediction.mask.intersectionOverUnion($0.mask, isCrowd: $0.isCrowd) }
    }
    let sizes = predictions.map { Double($0.mask.area) }
    return areas.map { range in
      let isIgnored = truths.map { $0.isCrowd || !range.contains($0.area) }
      // Objects to find come first: a prediction takes an ignored one only if it finds no other.
      let order = truths.indices.filter { !isIgnored[$0] } + truths.indices.filter { isIgnored[$0] }
      var (matched, ignored): ([[Bool]], [[Bool]]) = ([], [])
      for threshold in thresholds {
        var taken = [Bool](repeating: false, count: truths.count)
        let matches = predictions.indices.map { index -> Int? in
          let match = best(ious[index], order, isIgnored, truths, taken, min(threshold, 1 - 1e-10))
          if let match { taken[match] = true }
          return match
        }
        matched.append(matches.map { $0 != nil })
        ignored.append(
          zip(matches, sizes).map { match, size in
            if let match { isIgnored[match] } else { !range.contains(size) }
          })
      }
      return COCOMatching(
        scores: predictions.map(\.score), isMatched: matched, isIgnored: ignored,
        truths: isIgnored.count { !$0 })
    }
  }

  /// The free object of the highest IoU, the last of equals, that reaches the threshold.
  private static func best(
    _ ious: [Double], _ order: [Int], _ isIgnored: [Bool], _ truths: [InstanceTruth],
    _ taken: [Bool], _ threshold: Double
  ) -> Int? {
    var best: Int?
    var least = threshold
    for truth in order where !taken[truth] || truths[truth].isCrowd {
      if let best, !isIgnored[best], isIgnored[truth] { break }
      if ious[truth] >= least { (best, least) = (truth, ious[truth]) }
    }
    return best
  }
}
