import Autograd
import AutogradTestSupport
import Tensor
import TensorTestSupport
import Testing

@Suite("Product gradients")
struct ProductTests {
  func random(_ shape: Shape, _ seed: UInt64) -> Tensor {
    var generator = PhiloxGenerator(seed: seed)
    return generator.uniform(shape: shape, in: -1..<1)
  }

  @Test("results and gradients are PyTorch's", arguments: ["nn", "nt", "tn", "tt"])
  func golden(name: String) throws {
    let golden = try GoldenFile("convolution", in: .module)[name]
    let a = Variable(golden["a"], requiresGradient: true)
    let b = Variable(golden["b"], requiresGradient: true)
    let output = a.matmul(
      b, transposeSelf: name.first == "t", transposeOther: name.last == "t")
    #expect(difference(from: golden["output"], output.value, relative: 1e-5) == nil)
    output.backward(with: golden["upstream"])
    for (key, leaf) in [("a_gradient", a), ("b_gradient", b)] {
      #expect(difference(from: golden[key], leaf.gradient ?? .zeros([]), relative: 1e-5) == nil)
    }
  }

  @Test("gradients of a product match central differences")
  func differences() {
    for (left, right, transposed) in [
      ([5, 3], [3, 4], (false, false)), ([3, 5], [4, 3], (true, true)),
      ([2, 5, 3], [2, 4, 3], (false, true)), ([2, 3, 1], [2, 3, 7], (true, false)),
    ] as [(Shape, Shape, (Bool, Bool))] {
      #expect(
        gradientMismatch(at: [random(left, 1), random(right, 2)]) {
          $0[0].matmul($0[1], transposeSelf: transposed.0, transposeOther: transposed.1)
        } == nil)
    }
  }

  @Test("gradients of a linear layer match central differences")
  func linear() {
    let inputs = [random([2, 3, 5], 3), random([4, 5], 4), random([4], 5)]
    #expect(gradientMismatch(at: inputs) { $0[0].linear($0[1], bias: $0[2]) } == nil)
    #expect(gradientMismatch(at: Array(inputs.prefix(2))) { $0[0].linear($0[1]) } == nil)
  }
}
