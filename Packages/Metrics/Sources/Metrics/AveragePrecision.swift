/// The area under the precision-recall curve of a ranking, as scikit-learn's
/// `average_precision_score`: the sum over the distinct scores of precision times gained recall.
///
/// Equal scores enter together, so that their order does not matter.
///
/// - Parameters:
///   - scores: How sure each item is to be positive; any scale.
///   - isPositive: Whether it is; as many as scores.
/// - Returns: The average precision in 0...1; `nil` without a positive.
/// - Throws: `MetricsError` where the numbers of items differ or a score is NaN.
public func averagePrecision(
  scores: [Float], isPositive: [Bool]
) throws(MetricsError) -> Double? {
  guard scores.count == isPositive.count else {
    throw MetricsError(
      "average precision: \(scores.count) scores, \(isPositive.count) labels, expected equal")
  }
  if let item = scores.firstIndex(where: \.isNaN) {
    throw MetricsError("average precision: score \(item) is not a number")
  }
  let positives = isPositive.count { $0 }
  guard positives > 0 else { return nil }
  let order = scores.indices.sorted { scores[$0] > scores[$1] }
  var (found, counted, sum) = (0, 0, 0.0)
  var (rank, foundBefore) = (0, 0)
  while rank < order.count {
    let score = scores[order[rank]]
    while rank < order.count, scores[order[rank]] == score {
      if isPositive[order[rank]] { found += 1 }
      counted += 1
      rank += 1
    }
    sum += Double(found - foundBefore) / Double(positives) * Double(found) / Double(counted)
    foundBefore = found
  }
  return sum
}
