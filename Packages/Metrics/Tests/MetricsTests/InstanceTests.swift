import Metrics
import Tensor
import TensorTestSupport
import Testing

@Suite("Instances")
struct InstanceTests {
  static let size = 240

  struct Picture {
    var truths: [InstanceTruth] = []
    var found: [InstancePrediction] = []
  }

  /// A box without its upper left corner, cut at the picture's border.
  static func draw(_ numbers: ArraySlice<Float>) -> RunLengthMask {
    let shape = numbers.map { Int($0) }
    let (x, y, cut) = (shape[0], shape[1], shape[4])
    var pixels = [UInt8](repeating: 0, count: size * size)
    for row in y..<min(y + shape[3], size) {
      for column in x..<min(x + shape[2], size) where row >= y + cut || column >= x + cut {
        pixels[row * size + column] = 1
      }
    }
    return RunLengthMask(bitmap: pixels, height: size, width: size)
  }

  /// The pictures of a case, in the order of their ids.
  static func pictures(_ golden: GoldenFile.Case) -> [Picture] {
    var pictures: [Int: Picture] = [:]
    let (truths, found) = (golden["truths"], golden["found"])
    for row in 0..<truths.shape[0] {
      let values = truths.scalars[row * 9..<(row + 1) * 9]
      let first = row * 9
      pictures[Int(values[first]), default: Picture()].truths.append(
        InstanceTruth(
          mask: draw(values.dropFirst(4)), category: Int(values[first + 1]),
          isCrowd: values[first + 2] == 1, area: Double(values[first + 3])))
    }
    for row in 0..<found.shape[0] {
      let values = found.scalars[row * 8..<(row + 1) * 8]
      let first = row * 8
      pictures[Int(values[first]), default: Picture()].found.append(
        InstancePrediction(
          mask: draw(values.dropFirst(3)), category: Int(values[first + 1]),
          score: Double(values[first + 2])))
    }
    return pictures.sorted { $0.key < $1.key }.map(\.value)
  }

  @Test(
    "COCO's twelve numbers are pycocotools'", arguments: ["all sizes", "one picture", "small only"])
  func coco(name: String) throws {
    let golden = try GoldenFile("instances", in: .module)[name]
    let pictures = Self.pictures(golden)
    var whole = COCOEvaluation()
    var (first, second) = (COCOEvaluation(), COCOEvaluation())
    for (index, picture) in pictures.enumerated() {
      try whole.add(picture.found, truths: picture.truths)
      if index < pictures.count / 2 {
        try first.add(picture.found, truths: picture.truths)
      } else {
        try second.add(picture.found, truths: picture.truths)
      }
    }
    for (index, score) in whole.scores.all.enumerated() {
      let expected = golden.number("stat\(index)")
      #expect(abs((score ?? -1) - expected) < 1e-12, "stat \(index): \(score ?? -1), \(expected)")
    }
    first.merge(second)
    #expect(first.scores == whole.scores)
    let classes = whole.averagePrecision.values
    let mean = classes.reduce(0, +) / Double(classes.count)
    #expect(abs(mean - golden.number("stat0")) < 1e-12)
  }

  @Test("VOC's average precision at fixed IoU", arguments: ["all sizes", "small only"])
  func voc(name: String) throws {
    let golden = try GoldenFile("instances", in: .module)[name]
    var whole = InstanceAveragePrecision()
    var (first, second) = (whole, whole)
    for (index, picture) in Self.pictures(golden).enumerated() {
      try whole.add(picture.found, truths: picture.truths)
      if index < 3 {
        try first.add(picture.found, truths: picture.truths)
      } else {
        try second.add(picture.found, truths: picture.truths)
      }
    }
    let expected = [25, 50, 70, 75].map { golden.number("voc\($0)") }
    for (score, expected) in zip(whole.meanAveragePrecision, expected) {
      #expect(abs((score ?? -1) - expected) < 1e-12)
    }
    try first.merge(second)
    #expect(first.meanAveragePrecision == whole.meanAveragePrecision)
  }

  @Test("without true objects nothing is defined") func empty() throws {
    var coco = COCOEvaluation()
    var voc = InstanceAveragePrecision()
    let mask = try RunLengthMask(counts: [2, 4], height: 2, width: 3)
    let found = [InstancePrediction(mask: mask, category: 1, score: 0.5)]
    try coco.add(found, truths: [])
    try voc.add(found, truths: [InstanceTruth(mask: mask, category: 1, isCrowd: true)])
    #expect(coco.scores.all.allSatisfy { $0 == nil } && coco.averagePrecision.isEmpty)
    #expect(voc.meanAveragePrecision == [nil, nil, nil, nil])
  }

  @Test("NaN and masks of several sizes are named") func errors() throws {
    let mask = try RunLengthMask(counts: [2, 4], height: 2, width: 3)
    let other = try RunLengthMask(counts: [2, 4], height: 3, width: 2)
    var coco = COCOEvaluation()
    var voc = InstanceAveragePrecision()
    let good = InstancePrediction(mask: mask, category: 1, score: 1)
    let bad = [good, InstancePrediction(mask: mask, category: 1, score: .nan)]
    let nan = "instances: the score of prediction 1 is not a number"
    #expect(message { try coco.add(bad, truths: []) } == nan)
    #expect(message { try voc.add(bad, truths: []) } == nan)
    #expect(
      message { try coco.add([good], truths: [InstanceTruth(mask: other, category: 2)]) }
        == "instances: masks of one picture have 2 x 3 and 3 x 2 pixels")
    #expect(
      message { try voc.merge(InstanceAveragePrecision(thresholds: [0.5])) }
        == "instances: cannot merge thresholds [0.5] into [0.25, 0.5, 0.7, 0.75]")
  }
}
