import Tensor
import Testing

@Suite("Printing")
struct DescriptionTests {
  @Test("a tensor prints its shape, range, mean and elements")
  func tensor() {
    let tensor = Tensor([1, -2.5, 0.125, 1e-9, 123_456, 3], shape: [2, 3])
    #expect(
      "\(tensor)" == """
        Tensor [2, 3], -2.5 ... 123460, mean 20576
        [[     1,   -2.5,  0.125],
         [ 1e-09, 123460,      3]]
        """)
    #expect("\(Tensor(2))" == "Tensor []\n2")
    #expect("\(Tensor.zeros([0, 3]))" == "Tensor [0, 3]\n[]")
  }

  @Test("what is not finite is counted apart")
  func notFinite() {
    #expect(
      "\(Tensor([1, .nan, -.infinity, 2]))"
        == "Tensor [4], 1 ... 2, mean 1.5, 2 not finite\n[   1,  nan, -inf,    2]")
  }

  @Test("outer axes are parted by blank lines, and the middle of long ones is left out")
  func longAxes() {
    let small = Tensor((0..<8).map(Float.init), shape: [2, 2, 2])
    #expect("\(small)".hasSuffix("[[[0, 1],\n  [2, 3]],\n\n [[4, 5],\n  [6, 7]]]"))
    let large = "\(Tensor((0..<1000).map(Float.init)))"
    #expect(large.hasSuffix("[  0,   1,   2, ..., 997, 998, 999]"))
  }

  @Test("label maps and index tensors print too")
  func integers() {
    let labels = LabelMap([0, 0, 255, 7], shape: [2, 2])
    #expect(
      "\(labels)"
        == "LabelMap [2, 2], pixels a label {0: 2, 7: 1, 255: 1}\n[[  0,   0],\n [255,   7]]")
    #expect("\(IndexTensor([3, -1]))" == "IndexTensor [2], -1 ... 3\n[ 3, -1]")
  }
}
