import Metrics
import Tensor
import Testing

/// Patches of labels with single pixels strewn in, the last of the values a rare one.
func patches(_ shape: Shape, _ values: [UInt8], seed: UInt64) -> LabelMap {
  var generator = PhiloxGenerator(seed: seed)
  var label = values[0]
  let labels = (0..<shape.elementCount).map { index -> UInt8 in
    if Int.random(in: 0..<90, using: &generator) == 0 {
      label = values[Int.random(in: 0..<values.count, using: &generator)]
    }
    let isSingle = index % 1000 < 200 && Int.random(in: 0..<9, using: &generator) == 0
    return isSingle ? values[Int.random(in: 0..<values.count, using: &generator)] : label
  }
  return LabelMap(labels, shape: shape)
}

@Suite("ConfusionMatrix")
struct ConfusionMatrixTests {
  let values: [UInt8] = [0, 1, 2, 5, 20, 255]

  @Test(
    "counts are those of a loop over pixels",
    arguments: [[0, 5], [1, 1], [15, 17], [3, 15, 17], [375, 500], [4, 375, 500]])
  func naive(dimensions: [Int]) throws {
    let shape = Shape(dimensions)
    let (prediction, target) = (patches(shape, values, seed: 1), patches(shape, values, seed: 2))
    for policy in ConfusionMatrix.UnknownPredictions.allCases {
      var matrix = ConfusionMatrix(classes: 21, unknownPredictions: policy)
      try matrix.add(prediction, target: target)
      var expected = [Int](repeating: 0, count: 21 * 21)
      var unknown = [Int](repeating: 0, count: 21)
      for (p, t) in zip(prediction.labels, target.labels) where t != 255 {
        if p != 255 || policy == .background {
          expected[Int(t) * 21 + (p == 255 ? 0 : Int(p))] += 1
        } else {
          unknown[Int(t)] += 1
        }
      }
      #expect(matrix.counts == expected)
      #expect(matrix.unknown == unknown)
      #expect(matrix.ignored == target.labels.count { $0 == 255 })
      #expect(matrix.pictures == (dimensions.count == 2 ? 1 : dimensions[0]))
    }
  }

  @Test("255 classes fit, and another ignored label") func manyClasses() throws {
    let all = (0..<255).map { UInt8($0) }
    let shape: Shape = [375, 500]
    let (prediction, target) = (patches(shape, all, seed: 3), patches(shape, all, seed: 4))
    var matrix = ConfusionMatrix(classes: 255, ignoreIndex: 0)
    try matrix.add(prediction, target: target)
    #expect(matrix.ignored == target.labels.count { $0 == 0 })
    #expect(matrix.counts.reduce(0, +) + matrix.ignored == target.count)
    #expect(matrix[254, 7] == zip(target.labels, prediction.labels).count { $0 == (254, 7) })
  }

  @Test("labels without any order count as in a loop", arguments: [1, 2, 21, 81, 254])
  func noise(classes: Int) throws {
    var generator = PhiloxGenerator(seed: 9)
    let pixels = 375 * 501
    func labels() -> LabelMap {
      let labels = (0..<pixels).map { _ in UInt8.random(in: 0...UInt8(classes), using: &generator) }
      return LabelMap(labels.map { Int($0) == classes ? 255 : $0 }, shape: [375, 501])
    }
    let (prediction, target) = (labels(), labels())
    var matrix = ConfusionMatrix(classes: classes)
    try matrix.add(prediction, target: target)
    var counts = [Int](repeating: 0, count: classes * classes)
    for (p, t) in zip(prediction.labels, target.labels) where p != 255 && t != 255 {
      counts[Int(t) * classes + Int(p)] += 1
    }
    #expect(matrix.counts == counts)
    #expect(matrix.ignored == target.labels.count { $0 == 255 })
    #expect(matrix.counts.reduce(matrix.ignored, +) + matrix.unknown.reduce(0, +) == pixels)
  }

  @Test("a wrong label is found wherever it is", arguments: [0, 63, 64, 99_999, 187_498, 187_499])
  func wrong(pixel: Int) throws {
    for good in [LabelMap(repeating: 1, shape: [375, 500]), patches([375, 500], values, seed: 1)] {
      var bad = good
      bad.labels[pixel] = 21
      let place = "[\(pixel / 500), \(pixel % 500)], expected 0...20 or 255"
      var matrix = ConfusionMatrix(classes: 21)
      #expect(
        message { try matrix.add(bad, target: good) }
          == "confusion matrix: prediction has label 21 at \(place)")
      #expect(
        message { try matrix.add(good, target: bad) }
          == "confusion matrix: truth has label 21 at \(place)")
      #expect(matrix == ConfusionMatrix(classes: 21))
    }
  }

  @Test("shards merge to the whole, on any number of threads") func merge() throws {
    let shape: Shape = [6, 200, 333]
    let (prediction, target) = (patches(shape, values, seed: 5), patches(shape, values, seed: 6))
    var whole = ConfusionMatrix(classes: 21)
    try whole.add(prediction, target: target)
    var merged = ConfusionMatrix(classes: 21)
    for index in 0..<6 {
      let range = index * 66_600..<(index + 1) * 66_600
      var shard = ConfusionMatrix(classes: 21)
      try Threads.serially {
        try shard.add(
          LabelMap(Array(prediction.labels[range]), shape: [200, 333]),
          target: LabelMap(Array(target.labels[range]), shape: [200, 333]))
      }
      try merged.merge(shard)
    }
    #expect(merged == whole)
  }

  @Test("scores of a small matrix, worked by hand") func scores() throws {
    // Class 3 is nowhere; class 2 is predicted but never true.
    let target = LabelMap([0, 0, 0, 0, 1, 1, 1, 255, 0, 1], shape: [2, 5])
    let prediction = LabelMap([0, 0, 0, 1, 1, 1, 2, 3, 255, 255], shape: [2, 5])
    var matrix = ConfusionMatrix(classes: 4)
    try matrix.add(prediction, target: target)
    #expect(matrix.iou == [0.6, 0.4, 0, nil])
    #expect(matrix.meanIoU == 1.0 / 3)
    #expect(matrix.pixelAccuracy == 5.0 / 9)
    #expect(matrix.meanAccuracy == 0.55)
    #expect(matrix.frequencyWeightedIoU == (3 + 1.6) / 9)
    let scores = matrix.classScores
    #expect(scores[0].precision == 1 && scores[2].precision == 0 && scores[3].precision == nil)
    #expect(scores[1].recall == 0.5 && scores[2].recall == nil)
    #expect(matrix.backgroundRates == (0, 0.4))
    // Class 1: 1 and 2 of a union of 5; class 2: 1 and 0 of 1.
    #expect(matrix.foregroundRates == (0.6, 0.2))
    for score in scores.dropLast() {
      let sum = (score.iou ?? 9) + (score.falsePositiveRate ?? 9) + (score.falseNegativeRate ?? 9)
      #expect(abs(sum - 1) < 1e-12)
    }

    var asBackground = ConfusionMatrix(classes: 4, unknownPredictions: .background)
    try asBackground.add(prediction, target: target)
    #expect(asBackground.iou == [4.0 / 6, 0.4, 0, nil])
  }

  @Test("without pixels nothing is defined") func empty() {
    let matrix = ConfusionMatrix(classes: 3)
    #expect(matrix.meanIoU == nil && matrix.pixelAccuracy == nil && matrix.meanAccuracy == nil)
    #expect(matrix.frequencyWeightedIoU == nil && matrix.iou == [nil, nil, nil])
  }

  @Test("labels out of range and shapes that differ are named; nothing is counted") func errors() {
    var matrix = ConfusionMatrix(classes: 3)
    let good = LabelMap([0, 1, 2, 255, 0, 1], shape: [2, 3])
    var bad = good
    bad.labels[4] = 3
    #expect(
      message { try matrix.add(bad, target: good) }
        == "confusion matrix: prediction has label 3 at [1, 1], expected 0...2 or 255")
    for (prediction, target, isInTruth) in [(bad, good, false), (good, bad, true)] {
      let error = #expect(throws: MetricsError.self) {
        try matrix.add(prediction, target: target)
      }
      #expect(error?.isInTruth == isInTruth)
    }
    #expect(
      message { try matrix.add(good, target: bad) }
        == "confusion matrix: truth has label 3 at [1, 1], expected 0...2 or 255")
    #expect(
      message { try matrix.add(good, target: LabelMap(repeating: 0, shape: [3, 2])) }
        == "confusion matrix: prediction [2, 3], truth [3, 2], expected equal [H, W] or [N, H, W]")
    #expect(
      message { try matrix.merge(ConfusionMatrix(classes: 4)) }
        == "confusion matrix: cannot merge 4 classes, ignoring 255, unknown predictions as error "
        + "into 3 classes, ignoring 255, unknown predictions as error")
    #expect(matrix == ConfusionMatrix(classes: 3))
  }

  @Test("256 classes stop the program") func classes() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = ConfusionMatrix(classes: 256) }
    #expect(text(result).contains("ConfusionMatrix: 256 classes, expected 1...255"))
  }
}

/// What an operation throws.
func message(_ body: () throws -> Void) -> String {
  do { try body() } catch { return "\(error)" }
  return "no error"
}

/// What a program that stopped had to say.
func text(_ result: ExitTest.Result?) -> String {
  String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
}
