internal import Tensor

/// Average precision and recall of instance masks as COCO defines them.
///
/// The numbers are those of pycocotools' `COCOeval(..., "segm")`: crowds, ranges of size, limits on
/// the number of predictions, ties. Masks are matched when a picture is added and not kept. One
/// difference: a true object of id 0, which `COCOeval` takes for "no match", counts as any other.
public struct COCOEvaluation: Sendable {
  /// The limits on the predictions of a picture and category.
  static let limits = [1, 10, 100]

  /// For each category and range of sizes, a matching a picture.
  private var matchings: [Int: [[COCOMatching]]] = [:]

  /// Creates an empty evaluation.
  public init() {}

  /// Matches the predictions of a picture; nothing is counted where it throws.
  ///
  /// Predictions of equal score are ranked in the order pictures are added, and given, in.
  ///
  /// - Parameters:
  ///   - predictions: What was found.
  ///   - truths: What is there.
  /// - Throws: `MetricsError` for a score of NaN or masks of several sizes.
  public mutating func add(
    _ predictions: [InstancePrediction], truths: [InstanceTruth]
  ) throws(MetricsError) {
    try checkInstances(predictions, truths)
    let categories = Set(predictions.map(\.category) + truths.map(\.category))
    for category in categories {
      let found = predictions.filter { $0.category == category }
      let surest = descending(found.map(\.score)).prefix(100).map { found[$0] }
      let matched = COCOMatching.all(surest, truths.filter { $0.category == category })
      let empty = [[COCOMatching]](repeating: [], count: COCOMatching.areas.count)
      for (area, matching) in matched.enumerated() {
        matchings[category, default: empty][area].append(matching)
      }
    }
  }

  /// Appends the pictures of another evaluation.
  public mutating func merge(_ other: COCOEvaluation) {
    for (category, theirs) in other.matchings {
      matchings[category] =
        matchings[category].map { ours in zip(ours, theirs).map { $0 + $1 } } ?? theirs
    }
  }

  /// The scores over all pictures and categories so far.
  public var scores: COCOScores {
    let all = (0..<4).map { curves(area: $0, limit: 100) }
    let (one, ten) = (curves(area: 0, limit: 1), curves(area: 0, limit: 10))
    let precision = all.map { mean(of: $0.flatMap { $0.map(\.precision) }) }
    let recall = all.map { mean(of: $0.flatMap { $0.map(\.recall) }) }
    return COCOScores(
      averagePrecision: precision[0],
      averagePrecision50: mean(of: all[0].map { $0[0].precision }),
      averagePrecision75: mean(of: all[0].map { $0[5].precision }),
      averagePrecisionSmall: precision[1], averagePrecisionMedium: precision[2],
      averagePrecisionLarge: precision[3],
      averageRecall1: mean(of: one.flatMap { $0.map(\.recall) }),
      averageRecall10: mean(of: ten.flatMap { $0.map(\.recall) }),
      averageRecall100: recall[0], averageRecallSmall: recall[1], averageRecallMedium: recall[2],
      averageRecallLarge: recall[3])
  }

  /// AP over IoU 0.5 to 0.95 of each category that has a true object to find.
  public var averagePrecision: [Int: Double] {
    matchings.compactMapValues { areas in
      let curves = Self.curves(areas[0], limit: 100)
      return curves.isEmpty ? nil : mean(of: curves.map(\.precision))
    }
  }

  private typealias Curve = (precision: Double, recall: Double)

  /// For each category with a true object, for each IoU threshold, mean precision and recall.
  private func curves(area: Int, limit: Int) -> [[Curve]] {
    matchings.sorted { $0.key < $1.key }
      .map { Self.curves($0.value[area], limit: limit) }
      .filter { !$0.isEmpty }
  }

  private static func curves(_ pictures: [COCOMatching], limit: Int) -> [Curve] {
    let truths = pictures.reduce(0) { $0 + $1.truths }
    guard truths > 0 else { return [] }
    let order = descending(pictures.flatMap { $0.scores.prefix(limit) })
    return COCOMatching.thresholds.indices.map { threshold in
      let isMatched = pictures.flatMap { $0.isMatched[threshold].prefix(limit) }
      let isIgnored = pictures.flatMap { $0.isIgnored[threshold].prefix(limit) }
      return curve(
        order.filter { !isIgnored[$0] }.map { isMatched[$0] }, truths)
    }
  }

  /// The mean of the precision's envelope at the recalls 0, 0.01 ... 1, and the last recall.
  private static func curve(_ isRight: [Bool], _ truths: Int) -> Curve {
    var (recalls, precisions): ([Double], [Double]) = ([], [])
    var right = 0
    for (rank, isRight) in isRight.enumerated() {
      right += isRight ? 1 : 0
      recalls.append(Double(right) / Double(truths))
      precisions.append(Double(right) / (Double(rank + 1) + Double.ulpOfOne))
    }
    for rank in precisions.indices.dropFirst().reversed() {
      precisions[rank - 1] = max(precisions[rank - 1], precisions[rank])
    }
    var (sum, rank) = (0.0, 0)
    for step in 0...100 {
      let recall = step == 100 ? 1 : Double(step) * 0.01
      while rank < recalls.count, recalls[rank] < recall { rank += 1 }
      if rank < recalls.count { sum += precisions[rank] }
    }
    return (sum / 101, recalls.last ?? 0)
  }
}
