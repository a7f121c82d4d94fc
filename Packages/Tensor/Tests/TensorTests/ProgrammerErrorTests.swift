import Tensor
import Testing

/// A mistake in a program stops it, in release too, with a line that names the operation and what
/// it was given.
@Suite("Programmer errors")
struct ProgrammerErrorTests {
  /// The exit tests run one after another in one body each: a closure cannot capture.
  func expect(_ message: String, _ result: ExitTest.Result?) {
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains(message), "expected \(message), found \(text.prefix(400))")
  }

  @Test("elementwise operands that do not broadcast")
  func broadcast() async {
    expect(
      "+: [2, 3] and [4]",
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = Tensor.zeros([2, 3]) + Tensor.zeros([4])
      })
  }

  @Test("an assignment that would grow its left side")
  func assignment() async {
    expect(
      "+=: [2, 3] does not stretch to [3]",
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        var sum = Tensor.zeros([3])
        sum += .zeros([2, 3])
      })
  }

  @Test("an index outside its axis")
  func subscripts() async {
    expect(
      "subscript: [1, 3] out of range for shape [2, 3]",
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = LabelMap(repeating: 0, shape: [2, 3])[1, 3]
      })
  }

  @Test("a matrix product whose inner sizes differ")
  func matmul() async {
    expect(
      "matmul: [2, 3] by [4, 5]",
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = Tensor.zeros([2, 3]).matmul(Tensor.zeros([4, 5]))
      })
  }

  @Test("a convolution whose channels differ")
  func convolution() async {
    expect(
      "convolution2d: input [1, 8, 8, 3], weight [3, 3, 4, 8]",
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = Tensor.zeros([1, 8, 8, 3]).convolution2d(Tensor.zeros([3, 3, 4, 8]))
      })
  }

  @Test("parts to concatenate that differ beside the axis")
  func concatenation() async {
    expect(
      "concatenating along axis 0: [2, 3] and [3, 4]",
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = Tensor(concatenating: [.zeros([2, 3]), .zeros([3, 4])], axis: 0)
      })
  }

  @Test("an axis that is not there")
  func axis() async {
    expect(
      "softmax: axis 2 out of range for [2, 3]",
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = Tensor.zeros([2, 3]).softmax(2)
      })
  }

  @Test("an index past the rows")
  func gather() async {
    expect(
      "gatherRows: index 5 for 3 rows",
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = Tensor.zeros([3, 2]).gatherRows(IndexTensor([0, 5]))
      })
  }

  @Test("the largest of nothing")
  func emptyMaximum() async {
    expect(
      "max: [3, 0] over no elements",
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = Tensor.zeros([3, 0]).max([1])
      })
  }

  @Test("a label above the classes")
  func oneHot() async {
    expect(
      "oneHot: label 7 at pixel 1, 3 classes",
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = Tensor(oneHot: LabelMap([0, 7], shape: [2]), classes: 3)
      })
  }

  @Test("images of another rank")
  func images() async {
    expect(
      "maxPooled: shape [3, 4], expected [N, H, W, C]",
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = Tensor.zeros([3, 4]).maxPooled(PoolingParameters(kernelSize: 2))
      })
  }

  @Test("a norm whose scale has other channels")
  func norm() async {
    expect(
      "groupNormalized: [3] for the channels of [1, 2, 2, 4]",
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = Tensor.zeros([1, 2, 2, 4]).groupNormalized(
          groups: 2, gamma: .ones([3]), beta: .zeros([3]))
      })
  }

  @Test("a negative size and one that overflows")
  func shapes() async {
    expect(
      "shape [2, -1]: negative size",
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = Shape([2, -1])
      })
    expect(
      "too many elements",
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = Shape([Int.max, 2])
      })
  }
}
