import CRFRefine
import Datasets
import Foundation
import Tensor
import TensorTestSupport
import Testing

private let problem = VOCPictures.problem(
  ((try? GoldenFile("voc_crf", in: .module))?.cases ?? []).flatMap {
    ["JPEGImages/\($0.name).jpg", "SegmentationClass/\($0.name).png"]
  })

/// Ten real pictures; labels and marginals of pydensecrf are from `Golden/golden_voc_crf.py`.
@Suite("VOC dense CRF")
struct VOCDenseCRFTests {
  static func hashed(_ value: Int) -> UInt32 {
    let mixed = UInt32(truncatingIfNeeded: value) &* 2_654_435_761
    return mixed ^ mixed >> 15
  }

  /// Indices of the picture's classes, shifted, and spoilt in blocks of 8 x 8.
  static func spoilt(_ truth: LabelMap, _ index: Int) -> (labels: LabelMap, count: Int) {
    let (height, width) = (truth.shape[0], truth.shape[1])
    let known = truth.labels.map { $0 == 255 ? 0 : $0 }
    let classes = Set(known + [0]).sorted()
    let (dy, dx) = ((index * 5) % 17 - 8, (index * 11) % 17 - 8)
    var labels = [UInt8](repeating: 0, count: height * width)
    for y in 0..<height {
      for x in 0..<width {
        let from = (y - dy + height) % height * width + (x - dx + width) % width
        let mixed = hashed(y / 8 * 1009 + x / 8 + index * 1_000_003)
        labels[y * width + x] =
          mixed >> 29 == 0
          ? UInt8((mixed >> 8) % UInt32(classes.count))
          : UInt8(classes.firstIndex(of: known[from]) ?? 0)
      }
    }
    return (LabelMap(labels, shape: truth.shape), classes.count)
  }

  /// Most on the label, the rest shared, and noise.
  static func scores(_ labels: LabelMap, _ count: Int) -> Tensor {
    var scores = [Float](repeating: 0, count: labels.count * count)
    for (pixel, found) in labels.labels.enumerated() {
      for label in 0..<count {
        let noise = Float(hashed(pixel * count + label) >> 8) / 16_777_216
        scores[pixel * count + label] =
          (Int(found) == label ? 0.55 : 0.3 / Float(count)) + noise * 0.25
      }
    }
    return Tensor(scores, shape: [labels.shape[0], labels.shape[1], count])
  }

  @Test(
    "labels and marginals are pydensecrf's",
    .enabled(if: problem == nil, "\(problem ?? "")"))
  func pictures() throws {
    let golden = try GoldenFile("voc_crf", in: .module)
    #expect(golden.cases.count == 10)
    for golden in golden.cases {
      let picture = try Image(contentsOf: VOCPictures.path("JPEGImages/\(golden.name).jpg"))
      let truth = try LabelMap(
        contentsOf: VOCPictures.path("SegmentationClass/\(golden.name).png"))
      let expected = try LabelMap(
        contentsOf: Bundle.module.bundleURL
          .appendingPathComponent("Golden/voc_crf/\(golden.name).png").path)
      let (labels, count) = Self.spoilt(truth, golden.integer("index"))
      #expect(count == golden.integer("labels"))
      let softmax = try Unary(probabilities: Self.scores(labels, count))
      for (index, preset) in CRFPreset.all.enumerated() {
        let unary =
          if let confidence = preset.confidence {
            try Unary(labels: labels, labelCount: count, confidence: confidence)
          } else { softmax }
        let crf = try DenseCRF(
          image: picture.pixels, height: picture.height, width: picture.width, preset: preset)
        let marginals = try crf.infer(unary, iterations: preset.iterations)
        let found = marginals.argmax(2).indices
        let wanted = expected.labels[index * found.count..<(index + 1) * found.count]
        let same = zip(found, wanted).count { $0 == Int32($1) }
        let some = golden[preset.name].scalars
        let all = marginals.scalars
        let rows = some.indices.map { all[$0 / count * 1499 * count + $0 % count] }
        let error =
          zip(rows, some).reduce(0.0) { $0 + Double(abs($1.0 - $1.1)) } / Double(some.count)
        #expect(Double(same) >= 0.995 * Double(found.count), "\(golden.name) \(preset.name)")
        #expect(error <= 1e-3, "\(golden.name) \(preset.name)")
      }
    }
  }
}
