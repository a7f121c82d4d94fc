import Autograd
import AutogradTestSupport
import Tensor
import TensorTestSupport
import Testing

@Suite("Convolution gradients")
struct ConvolutionTests {
  static let activations: [FusedActivation] = [.none, .relu, .relu6]

  @Test("results and gradients are PyTorch's")
  func golden() throws {
    for golden in try GoldenFile("convolution", in: .module).cases where golden.has("weight") {
      let padding = Padding2d(
        top: golden.integer("top"), left: golden.integer("left"),
        bottom: golden.integer("bottom"), right: golden.integer("right"))
      let parameters = Convolution2dParameters(
        stride: golden.integer("stride"), padding: padding, dilation: golden.integer("dilation"),
        groups: golden.integer("groups"))
      let activation = Self.activations[golden.integer("activation")]
      func leaf(_ name: String) -> Variable { Variable(golden[name], requiresGradient: true) }
      let input = leaf("input")
      let weight = Variable(
        .convolutionWeight(fromOIHW: golden["weight"]), requiresGradient: true)
      let bias = leaf("bias")
      let residual = golden.has("residual") ? leaf("residual") : nil
      let gamma = golden.has("gamma") ? leaf("gamma") : nil
      let output =
        if let gamma {
          input.convolution2dBatchNorm(
            weight, gamma: gamma, beta: bias, mean: golden["mean"], variance: golden["variance"],
            parameters, activation: activation, residual: residual)
        } else {
          input.convolution2d(
            weight, bias: bias, parameters, activation: activation, residual: residual)
        }
      func expect(_ name: String, _ found: Tensor?, relative: Float) {
        let found = found ?? .zeros([])
        #expect(
          difference(from: golden[name], found, relative: relative) == nil,
          "\(name) of '\(golden.name)'")
      }
      expect("output", output.value, relative: 1e-5)
      output.backward(with: golden["upstream"])
      expect("input_gradient", input.gradient, relative: 1e-5)
      expect("weight_gradient", weight.gradient?.convolutionWeightAsOIHW(), relative: 1e-5)
      expect("bias_gradient", bias.gradient, relative: 1e-5)
      if let residual { expect("residual_gradient", residual.gradient, relative: 1e-5) }
      if let gamma { expect("gamma_gradient", gamma.gradient, relative: 1e-5) }
    }
  }

  func random(_ shape: Shape, _ seed: UInt64, in range: Range<Float> = -1..<1) -> Tensor {
    var generator = PhiloxGenerator(seed: seed)
    return generator.uniform(shape: shape, in: range)
  }

  @Test(
    "gradients match central differences",
    arguments: [
      Convolution2dParameters(), .init(stride: 2, padding: Padding2d(1)),
      .init(padding: Padding2d(top: 0, left: 2, bottom: 3, right: 1), dilation: 2),
      .init(stride: 3, padding: Padding2d(2), groups: 2),
    ])
  func differences(parameters: Convolution2dParameters) {
    let image = random([2, 7, 5, 4], 1)
    let weight = random([3, 3, 4 / parameters.groups, 6], 2)
    let bias = random([6], 3)
    let residual = random(image.convolution2d(weight, parameters).shape, 4)
    #expect(
      gradientMismatch(at: [image, weight, bias, residual]) {
        $0[0].convolution2d($0[1], bias: $0[2], parameters, residual: $0[3])
      } == nil)
    #expect(
      gradientMismatch(at: [image, weight]) { $0[0].convolution2d($0[1], parameters) } == nil)
  }

  @Test("gradients of a folded batch norm match central differences")
  func batchNorm() {
    let (mean, variance) = (random([5], 5), random([5], 6, in: 0.5..<2))
    let inputs = [
      random([1, 5, 4, 3], 7), random([3, 3, 3, 5], 8), random([5], 9), random([5], 10),
    ]
    #expect(
      gradientMismatch(at: inputs) {
        $0[0].convolution2dBatchNorm(
          $0[1], gamma: $0[2], beta: $0[3], mean: mean, variance: variance)
      } == nil)
  }

  @Test("a ReLU passes the gradient where its result is positive", arguments: activations)
  func activation(activation: FusedActivation) {
    // Sums far from the kinks at 0 and 6: -9, -3, 3 and 9.
    let image = Tensor([-3, -1, 1, 3], shape: [1, 2, 2, 1])
    let residual = Tensor.zeros([1, 2, 2, 1])
    #expect(
      gradientMismatch(at: [image, Tensor([3], shape: [1, 1, 1, 1]), residual]) {
        $0[0].convolution2d($0[1], activation: activation, residual: $0[2])
      } == nil)
  }
}
