import Tensor
import Testing

@Suite("Initialization")
struct InitializationTests {
  /// Fans as `torch.nn.init._calculate_fan_in_and_fan_out` gives them for the same weight in
  /// PyTorch's layout: [24, 5, 3, 2], a depthwise [96, 1, 3, 3], a linear [70, 50].
  private static let weights: [(shape: Shape, fanIn: Float, fanOut: Float)] = [
    ([3, 2, 5, 24], 30, 144), ([3, 3, 1, 96], 9, 864), ([70, 50], 50, 70),
  ]

  private func expect(_ weight: Tensor, deviation: Float, bound: Float? = nil) {
    let scalars = weight.scalars
    let mean = scalars.reduce(0, +) / Float(scalars.count)
    let found = (scalars.reduce(0) { $0 + $1 * $1 } / Float(scalars.count)).squareRoot()
    // The smallest weight has 720 numbers: the deviation's own is 2.6 %.
    #expect(abs(found / deviation - 1) < 0.1)
    #expect(abs(mean) < 0.15 * deviation)
    let largest = scalars.reduce(0) { max($0, abs($1)) }
    if let bound {
      #expect(largest <= bound && largest > 0.97 * bound)
    } else {
      #expect(largest > 2.5 * deviation)
    }
  }

  @Test("Kaiming weights have PyTorch's deviations and bounds", arguments: 0..<3)
  func kaiming(index: Int) {
    let (shape, fanIn, fanOut) = Self.weights[index]
    var generator = PhiloxGenerator(seed: 1)
    let three = Float(3).squareRoot()
    for (mode, fan) in [(FanMode.in, fanIn), (.out, fanOut)] {
      let deviation = (2 / fan).squareRoot()
      expect(.kaimingNormal(shape, fan: mode, using: &generator), deviation: deviation)
      expect(
        .kaimingUniform(shape, fan: mode, using: &generator), deviation: deviation,
        bound: three * deviation)
    }
    // The default of PyTorch's own layers.
    let slope = Float(5).squareRoot()
    expect(
      .kaimingUniform(shape, .leakyRelu(slope: slope), using: &generator),
      deviation: 1 / (3 * fanIn).squareRoot(), bound: 1 / fanIn.squareRoot())
    expect(
      .kaimingNormal(shape, .linear, using: &generator), deviation: 1 / fanIn.squareRoot())
  }

  @Test("Xavier weights have PyTorch's deviations and bounds", arguments: 0..<3)
  func xavier(index: Int) {
    let (shape, fanIn, fanOut) = Self.weights[index]
    var generator = PhiloxGenerator(seed: 2)
    let deviation = (2 / (fanIn + fanOut)).squareRoot()
    expect(.xavierNormal(shape, gain: 2, using: &generator), deviation: 2 * deviation)
    expect(
      .xavierUniform(shape, using: &generator), deviation: deviation,
      bound: Float(3).squareRoot() * deviation)
  }

  @Test("the same generator gives the same weights, the next draw others")
  func deterministic() {
    var (one, two) = (PhiloxGenerator(seed: 3), PhiloxGenerator(seed: 3))
    let first = Tensor.kaimingNormal([3, 3, 2, 4], using: &one)
    #expect(first == .kaimingNormal([3, 3, 2, 4], using: &two))
    #expect(first != .kaimingNormal([3, 3, 2, 4], using: &one))
  }

  @Test("a vector stops with a message")
  func vector() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = PhiloxGenerator(seed: 1)
      _ = Tensor.xavierUniform([7], using: &generator)
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("xavierUniform: [7], expected [KH, KW, C / groups, O] or [O, I]"))
  }
}
