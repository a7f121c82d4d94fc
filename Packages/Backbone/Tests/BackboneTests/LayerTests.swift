import Autograd
import AutogradTestSupport
import Backbone
import Tensor
import TensorTestSupport
import Testing

@Suite("Layers")
struct LayerTests {
  private func layers(
    groups: Int = 1
  ) throws -> (convolution: Convolution2d, norm: BatchNorm2d) {
    var generator = PhiloxGenerator(seed: 1)
    let convolution = Convolution2d(
      inChannels: 4, outChannels: 6, kernelSize: 3, padding: .zeros(1), groups: groups,
      using: &generator)
    let norm = BatchNorm2d(channels: 6)
    try SharedNumbers.fill(norm)
    return (convolution, norm)
  }

  @Test("a folded batch norm equals the separate one within 1e-5", arguments: [1, 2])
  func folding(groups: Int) throws {
    let (convolution, norm) = try layers(groups: groups)
    norm.mode = .fixedStatistics
    let image = SharedNumbers.numbers(3, [2, 7, 5, 4])
    let upstream = SharedNumbers.numbers(4, [2, 7, 5, 6])
    func run(_ forward: (Variable) -> Variable) -> [Tensor] {
      let input = Variable(image, requiresGradient: true)
      let output = forward(input)
      output.backward(with: upstream)
      let gradients = [input, convolution.weight, norm.weight, norm.bias].compactMap(\.gradient)
      convolution.zeroGradients()
      norm.zeroGradients()
      return [output.value] + gradients
    }
    let folded = run { convolution($0, norm: norm, activation: .relu) }
    let separate = run { norm(convolution($0)).relu() }
    let sequence = run { Sequential(convolution, norm, Activation(.relu))($0) }
    #expect(folded.count == 5 && sequence == folded)
    for (ours, reference) in zip(folded, separate) {
      #expect(difference(from: reference, ours, relative: 1e-5) == nil)
    }
  }

  @Test("a folded norm follows its running statistics, scale and shift")
  func foldingIsFresh() throws {
    let (convolution, norm) = try layers()
    norm.eval()
    let image = Variable(SharedNumbers.numbers(3, [1, 5, 5, 4]))
    for _ in 0..<3 { _ = convolution(image, norm: norm) }
    norm.runningVar.value = norm.runningVar.value * 3
    norm.weight.update { $0 = $0 * 2 }
    let expected = norm(convolution(image)).value
    #expect(difference(from: expected, convolution(image, norm: norm).value, relative: 1e-5) == nil)
  }

  @Test("the modes of batch norm")
  func modes() throws {
    let (convolution, norm) = try layers()
    let before = norm.stateDict
    func step() {
      convolution(Variable(SharedNumbers.numbers(3, [2, 5, 5, 4])), norm: norm).sum().backward()
    }
    norm.mode = .frozen
    step()
    #expect(norm.weight.gradient == nil && convolution.weight.gradient != nil)
    norm.mode = .fixedStatistics
    step()
    #expect(norm.weight.gradient != nil && norm.stateDict == before)
    norm.mode = .training
    norm.eval()
    step()
    #expect(norm.stateDict == before)
    norm.train()
    step()
    #expect(norm.runningMean.value != before["running_mean"])
    #expect(norm.numBatchesTracked.value == Tensor(1))
  }

  @Test("a checkpointed block counts its batch once")
  func checkpointed() throws {
    let (convolution, norm) = try layers()
    let image = Variable(SharedNumbers.numbers(3, [2, 5, 5, 4]))
    checkpoint { norm(convolution(image)) }.sum().backward()
    #expect(norm.numBatchesTracked.value == Tensor(1))
  }

  @Test("frozen stages record no graph")
  func frozen() {
    var generator = PhiloxGenerator(seed: 1)
    let network = ResNet(.sample, stageCount: 3, using: &generator)
    network.freezeStages(2)
    let stages = network.stages(Variable(SharedNumbers.numbers(1, [1, 33, 33, 3])))
    #expect(stages.map(\.requiresGradient) == [false, false, true])
    #expect(stages.map(\.shape[3]) == [32, 64, 128])
    #expect(network.stageStrides == [4, 8, 16])
    network.freezeStages(3)
    #expect(network.parameters.allSatisfy { $0.isFrozen })
  }

  @Test("channel dropout zeroes whole channels and keeps the mean")
  func channelDropout() {
    let layer = ChannelDropout(rate: 0.25, random: RandomSource(PhiloxGenerator(seed: 5)))
    let input = Variable(.ones([2, 3, 5, 400]), requiresGradient: true)
    let output = layer(input)
    let means = output.value.mean([1, 2]).scalars
    #expect(means.allSatisfy { $0 == 0 || abs($0 - 4 / 3) < 1e-5 })
    let dropped = means.filter { $0 == 0 }.count
    #expect((150...250).contains(dropped))
    output.sum().backward()
    #expect(input.gradient == output.value)
    layer.eval()
    #expect(layer(input) === input)
  }

  @Test("group norm, linear and pooling layers have right gradients")
  func gradients() {
    var generator = PhiloxGenerator(seed: 1)
    let linear = Linear(inFeatures: 6, outFeatures: 3, using: &generator)
    let group = GroupNorm(groups: 2, channels: 6)
    let mismatch = gradientMismatch(at: [SharedNumbers.numbers(3, [2, 5, 4, 6])]) { inputs in
      let enlarged = Upsample(scale: 2)(group(inputs[0]))
      let gate = inputs[0].resized(height: 10, width: 8)
      return linear(GlobalAveragePool2d()(enlarged * gate)).squared().sum()
    }
    #expect(mismatch == nil)
  }

  @Test("groups that do not divide the channels stop with a message")
  func groups() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = PhiloxGenerator(seed: 1)
      _ = Convolution2d(inChannels: 4, outChannels: 6, kernelSize: 1, groups: 4, using: &generator)
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("Convolution2d: 4 groups do not divide 4 and 6 channels"))
  }
}
