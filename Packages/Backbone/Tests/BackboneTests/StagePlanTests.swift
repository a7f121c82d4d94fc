import Backbone
import Testing

@Suite("StagePlan")
struct StagePlanTests {
  @Test(
    "strides become dilations as in torchvision's replace_stride_with_dilation",
    arguments: [
      (32, [1, 2, 2, 2], [1, 1, 1, 1], [1, 1, 1, 1]),
      (16, [1, 2, 2, 1], [1, 1, 1, 1], [1, 1, 1, 2]),
      (8, [1, 2, 1, 1], [1, 1, 1, 2], [1, 1, 2, 4]),
    ])
  func plan(outputStride: Int, strides: [Int], first: [Int], dilations: [Int]) {
    let stages = StagePlan(outputStride: outputStride).stages
    #expect(stages.map(\.stride) == strides)
    #expect(stages.map(\.firstDilation) == first)
    #expect(stages.map(\.dilation) == dilations)
  }

  @Test("another output stride stops with a message")
  func wrongStride() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = StagePlan(outputStride: 12)
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("StagePlan: output stride 12, expected 8, 16 or 32"))
  }
}
