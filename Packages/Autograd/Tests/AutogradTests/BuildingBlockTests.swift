import Autograd
import AutogradTestSupport
import Tensor
import Testing

@Suite("Dropout")
struct DropoutTests {
  @Test("zeroes the given share and keeps the mean", arguments: [0.1, 0.5, 0.9] as [Float])
  func share(rate: Float) {
    var generator = PhiloxGenerator(seed: 1)
    let output = Variable(.ones([100_001])).dropout(rate: rate, using: &generator).value.scalars
    let zeros = Float(output.count { $0 == 0 }) / Float(output.count)
    #expect(abs(zeros - rate) < 0.01)
    #expect(output.allSatisfy { $0 == 0 || $0 == 1 / (1 - rate) })
    let again = Variable(.ones([100_001])).dropout(rate: rate, using: &generator).value.scalars
    #expect(again != output)
  }

  @Test("gradients match central differences", arguments: [0, 1, 15, 17])
  func gradient(count: Int) {
    let input = Tensor((0..<count).map { Float($0) / 7 - 1 })
    #expect(
      gradientMismatch(at: [input]) {
        var generator = PhiloxGenerator(seed: 5)
        return $0[0].dropout(rate: 0.4, using: &generator)
      } == nil)
  }

  @Test("the same bits on one and two threads")
  func threads() {
    let before = Threads.count
    defer { Threads.count = before }
    let results = [1, 2].map { threads -> Tensor in
      Threads.count = threads
      var generator = PhiloxGenerator(seed: 5)
      return Variable(.ones([200_001])).dropout(rate: 0.4, using: &generator).value
    }
    #expect(results[0] == results[1])
  }

  @Test("the layer acts in training only, and a rate of 0 draws nothing")
  func layer() {
    let random = RandomSource(PhiloxGenerator(seed: 1))
    let layer = Dropout(rate: 0.5, random: random)
    let input = Variable(.ones([64]))
    #expect(layer(input).value.scalars.contains(0))
    let position = random.generator.position
    layer.eval()
    #expect(layer(input).value == input.value)
    #expect(Dropout(rate: 0, random: random)(input).value == input.value)
    #expect(random.generator.position == position)
  }

  @Test("a rate of 1 stops")
  func rate() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Dropout(rate: 1, random: RandomSource(PhiloxGenerator(seed: 1)))
    }
    expect(result, mentions: "Dropout: rate 1.0 is not in 0..<1")
  }
}

@Suite("Selection")
struct SelectionTests {
  @Test("straight-through has the other value and its own gradient")
  func straightThrough() {
    let x = Variable(Tensor([0.2, 0.7]), requiresGradient: true)
    let rounded = x.straightThrough(Tensor([0, 1]))
    rounded.backward(with: Tensor([3, 4]))
    #expect(rounded.value.scalars == [0, 1])
    #expect(x.gradient?.scalars == [3, 4])
  }

  @Test("the masked mean averages what the mask keeps", arguments: [1, 15, 17])
  func maskedMean(count: Int) {
    let values = Tensor((0..<count).map { Float($0) / 7 - 1 })
    let mask = Tensor((0..<count).map { $0 % 3 == 0 ? 1 : 0 })
    let kept = values.scalars.enumerated().filter { $0.offset % 3 == 0 }.map(\.element)
    let mean = Variable(values).maskedMean(mask).value.scalar
    #expect(abs(mean - kept.reduce(0, +) / Float(kept.count)) < 1e-6)
    #expect(gradientMismatch(at: [values]) { $0[0].maskedMean(mask) } == nil)
  }

  @Test("the masked mean of nothing is 0 with a zero gradient")
  func maskedNothing() {
    let x = Variable(Tensor([1, 2]), requiresGradient: true)
    let mean = x.maskedMean(.zeros([2]))
    mean.backward()
    #expect(mean.value.scalar == 0 && x.gradient?.scalars == [0, 0])
    #expect(Variable(.zeros([0])).maskedMean(.zeros([0])).value.scalar == 0)
  }
}
