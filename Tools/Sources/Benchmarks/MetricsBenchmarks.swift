internal import Metrics
internal import Tensor

extension Benchmark {
  /// Confusion matrices of label maps as `Tests/Peers/confusion_matrix.py` makes them.
  static let metrics: [Benchmark] = [
    confusionMatrix("flat regions", scene), confusionMatrix("noise", noise),
  ]

  private static let height = 375
  private static let width = 500

  private static func confusionMatrix(
    _ kind: String, _ make: @escaping @Sendable (_ index: Int, _ shift: Int) -> LabelMap
  ) -> Benchmark {
    Benchmark(
      "metrics/confusion matrix of 1000 maps 500x375, \(kind)",
      work: .items(1000, unit: "maps")
    ) {
      let predictions = (0..<16).map { make($0, 6) }
      let targets = (0..<16).map { make($0, 0) }
      return {
        var matrix = ConfusionMatrix(classes: 21)
        do {
          for index in 0..<1000 {
            try matrix.add(predictions[index % 16], target: targets[index % 16])
          }
        } catch { fatalError("\(error)") }
      }
    }
  }

  /// Five ellipses of one class each; without a shift, with a border to ignore as VOC's truth.
  private static func scene(_ index: Int, _ shift: Int) -> LabelMap {
    var labels = [UInt8](repeating: 0, count: height * width)
    for part in 0..<5 {
      let top = (index * 37 + part * 71) % height
      let left = (index * 53 + part * 97) % width + shift
      let radius = 40 + (index * 13 + part * 29) % 60
      let label = UInt8(1 + (index * 7 + part * 5) % 20)
      for y in 0..<height {
        for x in 0..<width {
          let distance = (y - top) * (y - top) + (x - left) * (x - left)
          if distance < radius * radius {
            labels[y * width + x] = label
          } else if shift == 0, distance < (radius + 3) * (radius + 3) {
            labels[y * width + x] = 255
          }
        }
      }
    }
    return LabelMap(labels, shape: [height, width])
  }

  /// A label a pixel without any order.
  private static func noise(_ index: Int, _ shift: Int) -> LabelMap {
    let labels = (0..<height * width).map { pixel -> UInt8 in
      let mixed = UInt32(truncatingIfNeeded: pixel + index * 1_000_003 + shift) &* 2_654_435_761
      return UInt8((mixed >> 16) % 21)
    }
    return LabelMap(labels, shape: [height, width])
  }
}
