import Metrics
import Tensor
import Testing

@Suite("ThresholdSweep")
struct ThresholdSweepTests {
  let thresholds: [Float] = [0.5, 0, 0.25, 0.25, 0.9, 1]

  /// Scores in steps of 1/8, so that some equal a threshold and each other.
  func scores(_ height: Int, _ width: Int, channels: Int) -> Tensor {
    var generator = PhiloxGenerator(seed: 8)
    let values = (0..<height * width * channels).map { _ in
      Float(Int.random(in: 0...8, using: &generator)) / 8
    }
    return Tensor(values, shape: [height, width, channels])
  }

  @Test("each matrix is that of its threshold alone", arguments: [0, 1, 3])
  func matrices(channels: Int) throws {
    let labels = Array([4, 1, 2].prefix(channels))
    var sweep = ThresholdSweep(classes: 5, thresholds: thresholds)
    var direct = thresholds.map { _ in ConfusionMatrix(classes: 5) }
    #expect(sweep.thresholds == [0, 0.25, 0.25, 0.5, 0.9, 1])
    for seed in 0..<2 {
      let scores = scores(15, 17, channels: channels)
      let target = patches([15, 17], [0, 1, 2, 4, 255], seed: UInt64(seed))
      try sweep.add(scores: scores, labels: labels, target: target)
      for (index, threshold) in sweep.thresholds.enumerated() {
        var map = LabelMap(repeating: 0, shape: [15, 17])
        for pixel in 0..<map.count {
          var best = threshold
          for channel in 0..<channels {
            let score = scores[pixel / 17, pixel % 17, channel]
            if score > best { (best, map.labels[pixel]) = (score, UInt8(labels[channel])) }
          }
        }
        try direct[index].add(map, target: target)
      }
    }
    #expect(sweep.matrices == direct)
    let best = direct.compactMap(\.meanIoU).max()
    #expect(sweep.best?.meanIoU == best)
    #expect(ThresholdSweep.note == "uses ground truth")
  }

  @Test("shards merge to the whole") func merge() throws {
    var (whole, shard) = (
      ThresholdSweep(classes: 5, thresholds: thresholds),
      ThresholdSweep(classes: 5, thresholds: thresholds)
    )
    var other = shard
    let scores = scores(15, 17, channels: 2)
    for seed in 0..<4 {
      let target = patches([15, 17], [0, 1, 2, 255], seed: UInt64(seed))
      try whole.add(scores: scores, labels: [1, 2], target: target)
      if seed % 2 == 0 {
        try shard.add(scores: scores, labels: [1, 2], target: target)
      } else {
        try other.add(scores: scores, labels: [1, 2], target: target)
      }
    }
    try shard.merge(other)
    #expect(shard.matrices == whole.matrices)
  }

  @Test("wrong input is named; nothing is counted") func errors() {
    var sweep = ThresholdSweep(classes: 3, thresholds: [0.5])
    let target = LabelMap([0, 1, 2, 255, 0, 1], shape: [2, 3])
    var scores = Tensor(repeating: 0.7, shape: [2, 3, 1])
    #expect(
      message { try sweep.add(scores: scores, labels: [1, 2], target: target) }
        == "threshold sweep: scores [2, 3, 1], 2 classes and truth [2, 3], expected [H, W, C], C "
        + "and [H, W]")
    #expect(
      message { try sweep.add(scores: scores, labels: [3], target: target) }
        == "threshold sweep: classes [3], expected 1...2")
    var wrong = target
    wrong.labels[5] = 9
    #expect(
      message { try sweep.add(scores: scores, labels: [1], target: wrong) }
        == "threshold sweep: truth has label 9 at [1, 2], expected 0...2 or 255")
    let error = #expect(throws: MetricsError.self) {
      try sweep.add(scores: scores, labels: [1], target: wrong)
    }
    #expect(error?.isInTruth == true)
    scores[1, 0, 0] = .nan
    #expect(
      message { try sweep.add(scores: scores, labels: [1], target: target) }
        == "threshold sweep: a score at [1, 0] is not a number")
    #expect(sweep.best == nil)
    #expect(
      message { try sweep.merge(ThresholdSweep(classes: 3, thresholds: [0.4])) }
        == "threshold sweep: cannot merge one of other classes or thresholds")
  }

  @Test("a threshold of NaN and 0 classes stop the program") func arguments() async {
    let nan = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = ThresholdSweep(classes: 3, thresholds: [.nan]) }
    #expect(text(nan).contains("thresholds [nan], expected one or more numbers"))
    let none = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = ThresholdSweep(classes: 0, thresholds: [0.5]) }
    #expect(text(none).contains("ThresholdSweep: 0 classes, expected 1...255"))
  }
}
