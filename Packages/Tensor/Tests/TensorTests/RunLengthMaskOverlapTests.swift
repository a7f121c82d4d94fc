import Tensor
import TensorTestSupport
import Testing

@Suite("RunLengthMask overlap")
struct RunLengthMaskOverlapTests {
  @Test("boxes and IoU are pycocotools', crowds too") func golden() throws {
    let golden = try GoldenFile("mask_overlap", in: .module)
    let (bitmaps, boxes) = (golden["masks"]["bitmaps"], golden["masks"]["boxes"].scalars)
    let (count, height, width) = (bitmaps.shape[0], bitmaps.shape[1], bitmaps.shape[2])
    let masks = (0..<count).map { index in
      let first = index * height * width
      return RunLengthMask(
        bitmap: bitmaps.scalars[first..<first + height * width].map { UInt8($0) },
        height: height, width: width)
    }
    for (index, mask) in masks.enumerated() {
      let box = mask.boundingBox
      #expect(
        [box.x, box.y, box.width, box.height].map(Float.init)
          == Array(boxes[index * 4..<index * 4 + 4]))
      for (other, truth) in masks.enumerated() {
        let pair = golden["\(index) \(other)"]
        #expect(mask.intersectionOverUnion(truth) == pair.number("plain"))
        #expect(mask.intersectionOverUnion(truth, isCrowd: true) == pair.number("crowd"))
      }
    }
  }

  @Test("the pixels of a label") func label() {
    let labels = LabelMap([3, 0, 3, 7, 3, 255], shape: [2, 3])
    #expect(RunLengthMask(labels, where: 3).bitmap == [1, 0, 1, 0, 1, 0])
    #expect(RunLengthMask(labels, where: 255).boundingBox == (2, 1, 1, 1))
  }

  @Test("masks of two sizes stop the program") func sizes() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = try RunLengthMask(counts: [6], height: 2, width: 3)
        .intersectionOverUnion(RunLengthMask(counts: [6], height: 3, width: 2))
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("2 x 3 and 3 x 2 pixels"))
  }
}
