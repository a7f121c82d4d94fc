import Metrics
import Tensor
import TensorTestSupport
import Testing

@Suite("BoundaryIoU")
struct BoundaryIoUTests {
  func labels(_ tensor: Tensor) -> LabelMap {
    LabelMap(tensor.scalars.map { UInt8($0) }, shape: tensor.shape)
  }

  @Test("equals the authors' definition by OpenCV") func golden() throws {
    let cases = try GoldenFile("boundary", in: .module).cases
    #expect(cases.count == 4)
    for golden in cases {
      var boundary = BoundaryIoU(classes: 4, dilationRatio: golden.number("ratio"))
      try boundary.add(labels(golden["prediction"]), target: labels(golden["target"]))
      let expected = zip(golden["common"].scalars, golden["union"].scalars).map { common, union in
        union > 0 ? Double(common) / Double(union) : nil
      }
      #expect(boundary.iou == expected, "\(golden.name)")
    }
  }

  @Test("a map is equal to itself; merging adds pictures") func merge() throws {
    let first = patches([40, 60], [0, 1, 2, 255], seed: 1)
    let second = patches([33, 20], [0, 1, 2], seed: 2)
    var both = BoundaryIoU(classes: 4)
    try both.add(first, target: first)
    #expect(both.iou == [1, 1, 1, nil] && both.meanIoU == 1)
    try both.add(second, target: patches([33, 20], [0, 1, 2], seed: 3))
    var (left, right) = (BoundaryIoU(classes: 4), BoundaryIoU(classes: 4))
    try left.add(first, target: first)
    try right.add(second, target: patches([33, 20], [0, 1, 2], seed: 3))
    try left.merge(right)
    #expect(left == both)
  }

  @Test("wrong input is named") func errors() {
    var boundary = BoundaryIoU(classes: 2)
    let good = LabelMap(repeating: 1, shape: [2, 3])
    #expect(
      message { try boundary.add(good, target: LabelMap(repeating: 0, shape: [3, 2])) }
        == "boundary IoU: prediction [2, 3], truth [3, 2], expected equal [H, W]")
    #expect(
      message { try boundary.add(LabelMap(repeating: 2, shape: [2, 3]), target: good) }
        == "boundary IoU: prediction has label 2, expected 0...1 or 255")
    #expect(
      message { try boundary.merge(BoundaryIoU(classes: 3)) }
        == "boundary IoU: cannot merge one of other classes or another distance")
  }

  @Test("a dilation ratio of 0 stops the program") func arguments() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = BoundaryIoU(classes: 3, dilationRatio: 0) }
    #expect(text(result).contains("BoundaryIoU: dilation ratio 0.0"))
  }
}
