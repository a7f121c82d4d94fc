import Datasets
import Foundation
import Metrics
import Tensor
import TensorTestSupport
import Testing

private let masks = goldenNames("voc_masks").map { "SegmentationClass/\($0).png" }
private let problem = VOCPictures.problem(masks)

/// Scores of real masks; the golden numbers are from `Golden/golden_voc_masks.py`.
@Suite("VOC masks")
struct VOCMaskTests {
  let classes = 21

  /// Shifted by up to 12 pixels; one pixel in 32 gets a label without order, 255 too.
  func perturbed(_ truth: LabelMap, _ index: Int) -> LabelMap {
    let (height, width) = (truth.shape[0], truth.shape[1])
    let (dy, dx) = ((index * 5) % 25 - 12, (index * 11) % 25 - 12)
    var prediction = truth
    for y in 0..<height {
      for x in 0..<width {
        let pixel = y * width + x
        let mixed = UInt32(truncatingIfNeeded: pixel + index * 1_000_003) &* 2_654_435_761
        if mixed >> 27 == 0 {
          let noise = (mixed >> 8) % UInt32(classes + 1)
          prediction.labels[pixel] = noise == classes ? 255 : UInt8(noise)
        } else {
          let from = (y - dy + height) % height * width + (x - dx + width) % width
          let label = truth.labels[from]
          prediction.labels[pixel] = label == 255 ? UInt8(index % classes) : label
        }
      }
    }
    return prediction
  }

  @Test(
    "confusion, IoU and boundary IoU are numpy's and OpenCV's",
    .enabled(if: problem == nil, "\(problem ?? "")"))
  func scores() throws {
    let golden = try GoldenFile("voc_masks", in: .module)["first 60"]
    var matrix = ConfusionMatrix(classes: classes)
    var boundary = BoundaryIoU(classes: classes)
    for (index, name) in masks.enumerated() {
      let truth = try LabelMap(contentsOf: VOCPictures.path(name))
      let prediction = perturbed(truth, index)
      try matrix.add(prediction, target: truth)
      try boundary.add(prediction, target: truth)
    }
    #expect(matrix.counts.map(Float.init) == golden["counts"].scalars)
    #expect(matrix.unknown.map(Float.init) == golden["unknown"].scalars)
    let iou = Tensor(matrix.iou.map { Float($0 ?? .nan) })
    #expect(difference(from: golden["iou"], iou, relative: 1e-6) == nil)
    let near = Tensor(boundary.iou.map { Float($0 ?? .nan) })
    #expect(difference(from: golden["boundary"], near, relative: 1e-6) == nil)
  }
}
