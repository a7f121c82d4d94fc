import Tensor
import TensorTestSupport
import Testing

@Suite("Winograd convolution")
struct WinogradConvolutionTests {
  /// A 3x3 convolution of stride 1.
  struct Case: CustomStringConvertible {
    var image: Shape
    var outputs: Int
    var dilation = 1
    var padding: Padding2d?

    var parameters: Convolution2dParameters {
      .init(padding: padding ?? Padding2d(dilation), dilation: dilation)
    }
    var weightShape: Shape { [3, 3, image[3], outputs] }
    var geometry: Convolution2dGeometry {
      Convolution2dGeometry("test", input: image, weight: weightShape, parameters)
    }
    var description: String { "\(image) to \(outputs), \(parameters)" }
  }

  static let asymmetric = Padding2d(top: 0, left: 1, bottom: 2, right: 5)
  static let cases = [
    Case(image: [1, 1, 1, 1], outputs: 1),
    Case(image: [3, 3, 3, 2], outputs: 3, padding: Padding2d.none),
    Case(image: [1, 15, 17, 16], outputs: 16),
    Case(image: [2, 17, 15, 17], outputs: 33, padding: asymmetric),
    Case(image: [1, 16, 16, 64], outputs: 48),
    Case(image: [2, 15, 17, 16], outputs: 17, dilation: 2),
    Case(image: [1, 17, 16, 31], outputs: 16, dilation: 3, padding: Padding2d(1)),
    Case(image: [2, 17, 19, 5], outputs: 64, dilation: 6),
    Case(image: [1, 3, 2, 16], outputs: 16, dilation: 6, padding: Padding2d(11)),
    // Many tiles: blocks of 14 and of 256, the last of them short.
    Case(image: [3, 41, 39, 20], outputs: 24),
    Case(image: [2, 40, 43, 16], outputs: 19, dilation: 2, padding: asymmetric),
  ]

  func random(_ shape: Shape, _ seed: UInt64, in range: Range<Float> = -1..<1) -> Tensor {
    var generator = PhiloxGenerator(seed: seed)
    return generator.uniform(shape: shape, in: range)
  }

  @Test("forward is the plain sum, with bias, residual and activation", arguments: cases)
  func forward(_ shape: Case) {
    let (image, weight) = (random(shape.image, 1), random(shape.weightShape, 2))
    let naive = NaiveConvolution(image, weight, shape.parameters)
    #expect(naive.outputShape == shape.geometry.outputShape)
    let bias = random([shape.outputs], 3)
    let residual = random(naive.outputShape, 4, in: -4..<4)
    let fusions: [(Tensor?, Tensor?, FusedActivation)] = [
      (nil, nil, .none), (bias, nil, .relu), (bias, residual, .relu6), (nil, residual, .none),
    ]
    for (bias, residual, activation) in fusions {
      let expected = naive.forward(bias: bias, residual: residual, activation: activation)
      let found = WinogradConvolution.forward(
        shape.geometry, input: image, weight: weight, bias: bias, activation: activation,
        residual: residual)
      #expect(
        difference(from: expected, found, relative: 1e-5, absolute: 1e-6) == nil,
        "bias \(bias != nil), residual \(residual != nil), \(activation)")
    }
  }

  @Test("gradients in input, weight and bias are the plain sums", arguments: cases)
  func gradients(_ shape: Case) {
    let (image, weight) = (random(shape.image, 5), random(shape.weightShape, 6))
    let upstream = random(shape.geometry.outputShape, 7)
    let expected = NaiveConvolution(image, weight, shape.parameters).gradients(upstream)
    let input = WinogradConvolution.inputGradient(
      shape.geometry, upstream: upstream, weight: weight)
    let (found, bias) = WinogradConvolution.weightGradient(
      shape.geometry, input: image, upstream: upstream, withBias: true)
    #expect(difference(from: expected.input, input, relative: 5e-6, absolute: 1e-6) == nil)
    #expect(difference(from: expected.weight, found, relative: 5e-6, absolute: 1e-6) == nil)
    #expect(
      bias.flatMap { difference(from: expected.bias, $0, relative: 5e-6, absolute: 1e-5) } == nil)
    let alone = WinogradConvolution.weightGradient(
      shape.geometry, input: image, upstream: upstream, withBias: false)
    #expect(alone.weight == found && alone.bias == nil && bias != nil)
  }

  @Test(
    "the rounding error is below 5e-6 of the root mean square",
    arguments: [
      Case(image: [1, 24, 24, 256], outputs: 32), Case(image: [2, 22, 22, 64], outputs: 64),
    ])
  func error(_ shape: Case) {
    let (image, weight) = (random(shape.image, 8), random(shape.weightShape, 9))
    let naive = NaiveConvolution(image, weight, shape.parameters)
    let upstream = random(naive.outputShape, 10)
    let gradients = naive.gradients(upstream)
    let geometry = shape.geometry
    let pairs = [
      (
        naive.forward(bias: nil, residual: nil, activation: .none),
        WinogradConvolution.forward(
          geometry, input: image, weight: weight, bias: nil, activation: .none, residual: nil)
      ),
      (
        gradients.input,
        WinogradConvolution.inputGradient(geometry, upstream: upstream, weight: weight)
      ),
      (
        gradients.weight,
        WinogradConvolution.weightGradient(
          geometry, input: image, upstream: upstream, withBias: false
        ).weight
      ),
    ]
    for (expected, found) in pairs {
      var (errors, squares) = (0.0, 0.0)
      for (wanted, value) in zip(expected.scalars, found.scalars) {
        errors += (Double(value) - Double(wanted)) * (Double(value) - Double(wanted))
        squares += Double(wanted) * Double(wanted)
      }
      #expect((errors / squares).squareRoot() < 5e-6)
    }
  }

  @Test("one thread gives the same bits as the team", arguments: cases)
  func threads(_ shape: Case) {
    let (image, weight) = (random(shape.image, 11), random(shape.weightShape, 12))
    let upstream = random(shape.geometry.outputShape, 13)
    func results() -> [Tensor?] {
      let geometry = shape.geometry
      let output = WinogradConvolution.forward(
        geometry, input: image, weight: weight, bias: nil, activation: .relu, residual: nil)
      let input = WinogradConvolution.inputGradient(geometry, upstream: upstream, weight: weight)
      let (gradient, bias) = WinogradConvolution.weightGradient(
        geometry, input: image, upstream: upstream, withBias: true)
      return [output, input, gradient, bias]
    }
    let team = results()
    #expect(Threads.serially(results) == team)
    #expect(results() == team)
  }

  @Test("a NaN is not hidden by the activation")
  func notANumber() {
    let shape = Case(image: [1, 5, 5, 16], outputs: 16)
    var image = random(shape.image, 14)
    image[0, 2, 2, 3] = .nan
    let output = WinogradConvolution.forward(
      shape.geometry, input: image, weight: random(shape.weightShape, 15), bias: nil,
      activation: .relu6, residual: nil)
    #expect(output[0, 2, 2, 0].isNaN)
  }

  @Test("it is chosen for dense 3x3 convolutions of stride 1 with enough channels and tiles")
  func choice() {
    func isChosen(
      _ image: Shape, _ weight: Shape, _ parameters: Convolution2dParameters
    ) -> Bool {
      let geometry = Convolution2dGeometry("test", input: image, weight: weight, parameters)
      return WinogradConvolution.supports(geometry)
        && WinogradConvolution.isFaster(geometry, .forward)
    }
    let padded = Convolution2dParameters(padding: Padding2d(1))
    let dilated = Convolution2dParameters(padding: Padding2d(6), dilation: 6)
    let strided = Convolution2dParameters(stride: 2, padding: Padding2d(1))
    let depthwise = Convolution2dParameters(padding: Padding2d(1), groups: 64)
    #expect(isChosen([1, 32, 32, 256], [3, 3, 256, 256], padded))
    #expect(isChosen([1, 48, 48, 512], [3, 3, 512, 512], dilated))
    // Dilation 6 leaves images of 3x3 to tiles of 4x4.
    #expect(!isChosen([1, 16, 16, 64], [3, 3, 64, 64], dilated))
    #expect(!isChosen([1, 32, 32, 3], [3, 3, 3, 64], padded))
    #expect(!isChosen([1, 8, 8, 512], [3, 3, 512, 512], padded))
    #expect(!isChosen([1, 32, 32, 64], [1, 1, 64, 64], .init()))
    #expect(!isChosen([1, 32, 32, 64], [3, 3, 64, 64], strided))
    #expect(!isChosen([1, 32, 32, 64], [3, 3, 1, 64], depthwise))
  }
}
