import Tensor
import Testing

@Suite("Convolution weight")
struct ConvolutionWeightTests {
  @Test("PyTorch's layout and ours convert into each other")
  func layouts() {
    let shape: Shape = [4, 3, 2, 5]  // O, I, KH, KW
    let theirs = Tensor((0..<shape.elementCount).map(Float.init), shape: shape)
    let ours = Tensor.convolutionWeight(fromOIHW: theirs)
    #expect(ours.shape == [2, 5, 3, 4])
    #expect(ours[1, 4, 2, 3] == theirs[3, 2, 1, 4])
    #expect(ours[0, 1, 2, 0] == theirs[0, 2, 0, 1])
    #expect(ours.convolutionWeightAsOIHW() == theirs)
  }

  @Test("SAME padding gives size / stride outputs, the odd row last")
  func samePadding() {
    #expect(
      Padding2d.same(height: 224, width: 225, kernelSize: 3, stride: 2)
        == Padding2d(top: 0, left: 1, bottom: 1, right: 1))
    #expect(Padding2d.same(height: 7, width: 7, kernelSize: 5) == Padding2d(2))
    #expect(Padding2d.same(height: 8, width: 8, kernelSize: 1, stride: 2) == .none)
  }
}
