import Tensor
import TensorTestSupport
import Testing

@Suite("2-d convolution")
struct Convolution2dTests {
  /// A convolution to compare with plain loops.
  struct Case: CustomStringConvertible {
    var image: Shape
    var kernel: (height: Int, width: Int) = (3, 3)
    var outputs: Int
    var parameters = Convolution2dParameters(padding: Padding2d(1))

    var weightShape: Shape {
      [kernel.height, kernel.width, image[3] / parameters.groups, outputs]
    }
    var description: String { "\(image) by \(weightShape), \(parameters)" }
  }

  static let asymmetric = Padding2d(top: 0, left: 1, bottom: 2, right: 3)
  static let cases = [
    Case(image: [1, 1, 1, 1], kernel: (1, 1), outputs: 1, parameters: .init()),
    Case(image: [1, 1, 1, 16], outputs: 16),
    Case(
      image: [2, 15, 17, 3], kernel: (7, 7), outputs: 17,
      parameters: .init(stride: 2, padding: .init(3))),
    Case(image: [2, 17, 15, 32], kernel: (1, 1), outputs: 48, parameters: .init()),
    Case(image: [1, 17, 15, 32], kernel: (1, 1), outputs: 17, parameters: .init(stride: 2)),
    Case(image: [1, 17, 17, 17], outputs: 15),
    Case(image: [3, 9, 9, 32], outputs: 32),
    Case(image: [1, 16, 16, 16], outputs: 32, parameters: .init(stride: 2, padding: asymmetric)),
    Case(image: [1, 17, 15, 16], outputs: 16, parameters: .init(padding: .init(2), dilation: 2)),
    Case(
      image: [1, 15, 17, 5], kernel: (3, 2), outputs: 7,
      parameters: .init(padding: asymmetric, dilation: 4)),
    Case(image: [2, 15, 15, 24], outputs: 24, parameters: .init(padding: .init(1), groups: 24)),
    Case(
      image: [1, 17, 17, 17], kernel: (5, 5), outputs: 17,
      parameters: .init(stride: 2, padding: asymmetric, groups: 17)),
    Case(
      image: [1, 15, 15, 48], kernel: (5, 5), outputs: 48,
      parameters: .init(padding: .init(2), groups: 48)),
    Case(
      image: [2, 17, 15, 80], kernel: (7, 7), outputs: 80,
      parameters: .init(padding: asymmetric, groups: 80)),
    Case(
      image: [1, 17, 17, 20], kernel: (3, 5), outputs: 20,
      parameters: .init(padding: .init(4), dilation: 2, groups: 20)),
    Case(
      image: [2, 20, 17, 40], outputs: 40,
      parameters: .init(padding: .init(12), dilation: 12, groups: 40)),
    Case(
      image: [1, 3, 2, 16], kernel: (3, 9), outputs: 16,
      parameters: .init(padding: .init(5), groups: 16)),
    Case(image: [1, 3, 2, 16], outputs: 32, parameters: .init(padding: .init(5))),
    Case(image: [1, 5, 4, 32], kernel: (1, 1), outputs: 16, parameters: .init(padding: .init(2))),
    Case(
      image: [1, 5, 4, 16], kernel: (1, 1), outputs: 16,
      parameters: .init(padding: .init(2), groups: 16)),
    Case(
      image: [1, 5, 4, 3], kernel: (7, 7), outputs: 16,
      parameters: .init(stride: 2, padding: .init(9))),
    Case(
      image: [1, 2, 3, 16], outputs: 16, parameters: .init(padding: .init(4), dilation: 4)),
    Case(image: [1, 9, 9, 12], outputs: 24, parameters: .init(padding: .init(1), groups: 12)),
    Case(image: [1, 15, 15, 32], outputs: 64, parameters: .init(padding: .init(1), groups: 4)),
    Case(
      image: [1, 9, 9, 6], outputs: 9, parameters: .init(stride: 2, padding: .init(1), groups: 3)),
  ]

  func random(_ shape: Shape, _ seed: UInt64, in range: Range<Float> = -1..<1) -> Tensor {
    var generator = PhiloxGenerator(seed: seed)
    return generator.uniform(shape: shape, in: range)
  }

  @Test("forward is the plain sum, with bias, residual and activation", arguments: cases)
  func forward(_ shape: Case) {
    let (image, weight) = (random(shape.image, 1), random(shape.weightShape, 2))
    let naive = NaiveConvolution(image, weight, shape.parameters)
    let bias = random([shape.outputs], 3)
    let residual = random(naive.outputShape, 4, in: -4..<4)
    let fusions: [(Tensor?, Tensor?, FusedActivation)] = [
      (nil, nil, .none), (bias, nil, .none), (bias, nil, .relu), (bias, nil, .relu6),
      (bias, residual, .relu), (nil, residual, .relu6), (nil, residual, .none),
    ]
    for (bias, residual, activation) in fusions {
      let expected = naive.forward(bias: bias, residual: residual, activation: activation)
      let found = image.convolution2d(
        weight, bias: bias, shape.parameters, activation: activation, residual: residual)
      #expect(
        difference(from: expected, found, relative: 1e-5, absolute: 1e-6) == nil,
        "bias \(bias != nil), residual \(residual != nil), \(activation)")
    }
  }

  @Test("gradients in input, weight and bias are the plain sums", arguments: cases)
  func gradients(_ shape: Case) {
    let (image, weight) = (random(shape.image, 5), random(shape.weightShape, 6))
    let naive = NaiveConvolution(image, weight, shape.parameters)
    let upstream = random(naive.outputShape, 7)
    let expected = naive.gradients(upstream)
    let input = upstream.convolution2dInputGradient(
      weight, inputShape: image.shape, shape.parameters)
    #expect(difference(from: expected.input, input, relative: 2e-6, absolute: 1e-6) == nil)
    for withBias in [false, true] {
      let found = upstream.convolution2dWeightGradient(
        input: image, weightShape: weight.shape, shape.parameters, withBias: withBias)
      #expect(
        difference(from: expected.weight, found.weight, relative: 2e-6, absolute: 1e-6) == nil)
      #expect((found.bias != nil) == withBias)
      if let bias = found.bias {
        #expect(difference(from: expected.bias, bias, relative: 2e-6, absolute: 1e-6) == nil)
      }
    }
  }

  @Test("an activation's gradient passes where the result is inside its range")
  func activationGradient() {
    let output = Tensor([0, 1, 5.5, 6, 7, 0])
    let upstream = Tensor([1, 2, 3, 4, 5, 6])
    #expect(FusedActivation.none.gradient(upstream, output: output) == upstream)
    #expect(FusedActivation.relu.gradient(upstream, output: output).scalars == [0, 2, 3, 4, 5, 0])
    #expect(FusedActivation.relu6.gradient(upstream, output: output).scalars == [0, 2, 3, 0, 0, 0])
  }

  @Test(
    "an activation's gradient and its sum over pixels come from one pass",
    arguments: [[1, 1, 1, 1], [0, 3, 3, 4], [2, 15, 17, 17], [1, 70, 60, 48]] as [Shape])
  func activationBiasGradient(shape: Shape) {
    let output = random(shape, 8, in: -3..<9)
    let upstream = random(shape, 9)
    for activation in [FusedActivation.none, .relu, .relu6] {
      let (gradient, bias) = activation.gradientAndBiasGradient(upstream, output: output)
      #expect(gradient == activation.gradient(upstream, output: output))
      var sums = [Double](repeating: 0, count: shape[-1])
      for (index, value) in gradient.scalars.enumerated() {
        sums[index % sums.count] += Double(value)
      }
      let expected = Tensor(sums.map(Float.init))
      #expect(difference(from: expected, bias, relative: 2e-6, absolute: 1e-5) == nil)
      let alone = Threads.serially {
        activation.gradientAndBiasGradient(upstream, output: output).bias
      }
      #expect(activation == .none || alone == bias)
    }
  }

  @Test("an empty batch gives an empty result and zero weight gradients")
  func emptyBatch() {
    let image = Tensor.zeros([0, 8, 8, 16])
    let weight = Tensor.ones([3, 3, 16, 4])
    let output = image.convolution2d(weight)
    #expect(output.shape == [0, 6, 6, 4])
    #expect(output.convolution2dInputGradient(weight, inputShape: image.shape).shape == image.shape)
    let gradients = output.convolution2dWeightGradient(
      input: image, weightShape: weight.shape, withBias: true)
    #expect(gradients.weight == .zeros(weight.shape))
    #expect(gradients.bias == .zeros([4]))
  }

  @Test("the same bits come out twice")
  func repeatable() {
    let image = random([2, 33, 31, 48], 8)
    let weight = random([3, 3, 48, 32], 9)
    let padding = Convolution2dParameters(padding: Padding2d(1))
    let first = image.convolution2d(weight, padding)
    #expect(first == image.convolution2d(weight, padding))
    let gradient = first.convolution2dWeightGradient(
      input: image, weightShape: weight.shape, padding)
    let again = first.convolution2dWeightGradient(input: image, weightShape: weight.shape, padding)
    #expect(gradient.weight == again.weight)
  }

  @Test("threads may convolve at the same time")
  func concurrent() async {
    let image = random([1, 17, 17, 32], 10)
    let weight = random([3, 3, 32, 32], 11)
    let expected = image.convolution2d(weight)
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 { group.addTask { image.convolution2d(weight) == expected } }
      for await isEqual in group { #expect(isEqual) }
    }
  }

  @Test("shapes that do not agree stop with a message that names them")
  func wrongShapes() async {
    let channels = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = Tensor.zeros([1, 8, 8, 3]).convolution2d(.zeros([3, 3, 4, 8]))
    }
    #expect(
      message(of: channels).contains(
        "convolution2d: input [1, 8, 8, 3], weight [3, 3, 4, 8]: "
          + "input channels must be the weight's third size times 1 groups"))
    let upstream = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = Tensor.zeros([1, 8, 8, 8]).convolution2dInputGradient(
        .zeros([3, 3, 3, 8]), inputShape: [1, 8, 8, 3])
    }
    #expect(
      message(of: upstream).contains(
        "convolution2dInputGradient: upstream gradient [1, 8, 8, 8] for output [1, 6, 6, 8]"))
    let small = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.zeros([1, 2, 8, 3]).convolution2d(.zeros([3, 3, 3, 8]))
    }
    #expect(
      message(of: small).contains(
        "the kernel, dilated by 1, must fit into the padded image"))
  }
}

/// What a process that stopped wrote to standard error.
private func message(of result: ExitTest.Result?) -> String {
  String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
}
