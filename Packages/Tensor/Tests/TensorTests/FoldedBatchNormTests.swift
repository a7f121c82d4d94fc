import Tensor
import TensorTestSupport
import Testing

@Suite("Folded batch norm")
struct FoldedBatchNormTests {
  func random(_ shape: Shape, _ seed: UInt64, in range: Range<Float> = -1..<1) -> Tensor {
    var generator = PhiloxGenerator(seed: seed)
    return generator.uniform(shape: shape, in: range)
  }

  @Test("weight and bias of the convolution do what the norm did")
  func fold() {
    let weight = random([3, 3, 5, 7], 1)
    let (gamma, beta, mean) = (random([7], 2), random([7], 3), random([7], 4))
    let variance = random([7], 5, in: 0..<2)
    let norm = FoldedBatchNorm(
      gamma: gamma, beta: beta, mean: mean, variance: variance, epsilon: 1e-3)
    let image = random([2, 9, 9, 5], 6)
    let convolved = image.convolution2d(weight).scalars
    var expected: [Float] = []
    for (index, value) in convolved.enumerated() {
      let c = index % 7
      let deviation = (Double(variance.scalars[c]) + 1e-3).squareRoot()
      let centred = (Double(value) - Double(mean.scalars[c])) / deviation
      expected.append(Float(centred * Double(gamma.scalars[c]) + Double(beta.scalars[c])))
    }
    let found = image.convolution2d(norm.fold(weight), bias: norm.bias)
    #expect(
      difference(from: Tensor(expected, shape: found.shape), found, relative: 1e-5) == nil)
  }

  @Test("a folded weight follows every change of weight, gamma and variance")
  func changes() {
    var weight = Tensor.ones([1, 1, 2, 3])
    var (gamma, variance) = (Tensor.ones([3]), Tensor.ones([3]))
    func folded() -> Float {
      let norm = FoldedBatchNorm(
        gamma: gamma, beta: .zeros([3]), mean: .zeros([3]), variance: variance, epsilon: 0)
      return norm.fold(weight)[0, 0, 1, 2]
    }
    for _ in 0..<3 { #expect(folded() == 1) }
    weight[0, 0, 1, 2] = 5
    for _ in 0..<3 { #expect(folded() == 5) }
    gamma[2] = 2
    for _ in 0..<3 { #expect(folded() == 10) }
    variance[2] = 4
    for _ in 0..<3 { #expect(folded() == 5) }
  }
}
