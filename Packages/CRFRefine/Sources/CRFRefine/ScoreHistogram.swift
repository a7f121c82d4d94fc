/// How often each score occurs in an image, and where the scores part into groups by Otsu's
/// criterion ("A threshold selection method from gray-level histograms", 1979): the splits that make
/// the variance between the groups largest.
struct ScoreHistogram {
  private static let bins = 256
  private let root: Int
  /// Scores and their sum in the bins before each.
  private let counts: [Double]
  private let sums: [Double]

  /// Counts scores.
  ///
  /// - Parameters:
  ///   - scores: 0...1.
  ///   - root: The bins are even in this root of the scores, a power of two: higher roots tell low
  ///     scores apart.
  init(_ scores: [Float], root: Int) {
    self.root = root
    var histogram = [Double](repeating: 0, count: Self.bins)
    for score in scores {
      var value = max(score, 0)
      for _ in 0..<root.trailingZeroBitCount { value = value.squareRoot() }
      histogram[value < 1 ? Int(value * Float(Self.bins)) : Self.bins - 1] += 1
    }
    var (counts, sums) = ([0.0], [0.0])
    for bin in histogram.indices {
      counts.append(counts[bin] + histogram[bin])
      sums.append(sums[bin] + histogram[bin] * (Double(bin) + 0.5) / Double(Self.bins))
    }
    (self.counts, self.sums) = (counts, sums)
  }

  /// The split into two groups; 0 where all scores are alike, and all of the image is object or
  /// none.
  var split: Float { twoGroups.split }

  /// The two splits into three groups; the same twice where there are no three.
  var splits: (low: Float, high: Float) {
    let two = twoGroups
    var best = (value: two.value * (1 + 1e-12), splits: (two.split, two.split))
    for low in 1..<Self.bins - 1 {
      let below = value(0, low)
      for high in low + 1..<Self.bins {
        let value = below + value(low, high) + value(high, Self.bins)
        if value > best.value { best = (value, (score(Float(low)), score(Float(high)))) }
      }
    }
    return best.splits
  }

  private var twoGroups: (value: Double, split: Float) {
    var best = (value: value(0, Self.bins) * (1 + 1e-12), first: 0, last: 0)
    for bin in 1..<Self.bins {
      let value = value(0, bin) + value(bin, Self.bins)
      if value > best.value {
        best = (value, bin, bin)
      } else if value == best.value {
        best.last = bin
      }
    }
    // Between the two groups, where bins without a score leave room.
    return (best.value, score(Float(best.first + best.last) / 2))
  }

  /// What the bins of a group add to the variance between groups, but for a constant.
  private func value(_ start: Int, _ end: Int) -> Double {
    let (count, sum) = (counts[end] - counts[start], sums[end] - sums[start])
    return count > 0 ? sum * sum / count : 0
  }

  private func score(_ bin: Float) -> Float {
    var score = bin / Float(Self.bins)
    for _ in 0..<root.trailingZeroBitCount { score *= score }
    return score
  }
}
