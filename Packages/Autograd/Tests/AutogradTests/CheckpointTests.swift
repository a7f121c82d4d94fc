import Autograd
import AutogradTestSupport
import Tensor
import Testing

/// `x^2 + offset`, elementwise; saves its input.
private func squared(_ x: Variable, plus offset: Variable) -> Variable {
  let value = x.value
  let square = Variable(Tensor(value.scalars.map { $0 * $0 }, shape: value.shape), parents: [x]) {
    upstream in
    [Tensor(zip(upstream.scalars, value.scalars).map { 2 * $0 * $1 }, shape: value.shape)]
  }
  return square + offset
}

@Suite("Checkpoint")
struct CheckpointTests {
  @Test("values and gradients have the same bits as without, dropout included")
  func sameBits() {
    func run(_ keep: Bool) -> [Tensor?] {
      let random = RandomSource(PhiloxGenerator(seed: 3))
      let x = Variable(Tensor((0..<40).map { Float($0) / 20 - 1 }), requiresGradient: true)
      let parameter = Parameter(Tensor((0..<40).map { Float($0 % 7) }))
      var y = x
      for _ in 0..<3 {
        let input = y
        let block = {
          squared(input, plus: parameter).dropout(rate: 0.5, using: &random.generator)
        }
        // The input is also used outside the block.
        y = (keep ? block() : checkpoint(random: random, block)) + input
      }
      let last = y.dropout(rate: 0.5, using: &random.generator)
      last.backward(with: Tensor((0..<40).map { Float($0 % 3) - 1 }))
      return [last.value, x.gradient, parameter.gradient, random.generator.uniform(shape: [3])]
    }
    #expect(run(true) == run(false))
  }

  @Test("blocks may hold blocks")
  func nested() {
    let x = Tensor([0.5, -0.3, 0.8])
    #expect(
      gradientMismatch(at: [x, Tensor([1, 2, 3])]) { inputs in
        checkpoint {
          let inner = checkpoint { squared(inputs[0], plus: inputs[1]) }
          return squared(inner, plus: inputs[0])
        }
      } == nil)
  }

  @Test("a block of constants, or without gradients, records nothing")
  func constant() {
    let (constant, leaf) = (Variable(Tensor([1])), Variable(Tensor([1]), requiresGradient: true))
    #expect(!checkpoint { constant + constant }.requiresGradient)
    #expect(!withoutGradients { checkpoint { leaf + leaf } }.requiresGradient)
    #expect(checkpoint { leaf }.requiresGradient)
    checkpoint { leaf }.backward()
    #expect(leaf.gradient?.scalars == [1])
  }

  @Test("a block knows when it is computed again")
  func recomputing() {
    let leaf = Variable(Tensor([1]), requiresGradient: true)
    var seen: [Bool] = []
    let result = checkpoint {
      seen.append(isRecomputing)
      return leaf + leaf
    }
    result.backward(retainingGraph: true)
    result.backward()
    #expect(seen == [false, true, true])
    #expect(leaf.gradient?.scalars == [4])
  }

  @Test("memory falls during backward, and a checkpointed chain needs far less of it")
  func memory() async {
    // In a process of its own: other tests use the pool at the same time.
    await #expect(processExitsWith: .success) {
      let (depth, count) = (16, 1 << 18)
      let bytes = count * MemoryLayout<Float>.stride
      func chain(_ x: Variable, _ steps: Int) -> Variable {
        (0..<steps).reduce(x) { sum, _ in squared(sum, plus: x) }
      }
      func train(_ build: (Variable) -> Variable) -> (forward: Int, backward: Int, peak: Int) {
        let before = MemoryPool.statistics.inUse
        let x = Variable(.zeros([count]), requiresGradient: true)
        MemoryPool.resetPeak()
        let y = build(x)
        let forward = MemoryPool.statistics.inUse - before
        y.backward(with: .ones(x.shape))
        let statistics = MemoryPool.statistics
        return (
          forward / bytes, (statistics.inUse - before) / bytes, (statistics.peak - before) / bytes
        )
      }
      let plain = train { chain($0, depth) }
      // Saved values; then the leaf, its gradient and the result.
      check(plain.forward >= depth && plain.forward <= depth + 2, "\(plain)")
      check(plain.backward <= 3, "\(plain)")
      check(plain.peak <= depth + 6, "\(plain)")
      let saved = train { x in
        (0..<4).reduce(x) { y, _ in checkpoint { chain(y, 4) } }
      }
      check(saved.forward <= 6 && saved.peak <= 13, "\(saved)")
    }
  }

  @Test("a saved value is freed as backward passes, not at its end")
  func falling() async {
    await #expect(processExitsWith: .success) {
      let count = 1 << 18
      var inUse: [Int] = []
      var y = Variable(.zeros([count]), requiresGradient: true)
      for step in 0..<8 {
        let saved = Tensor(repeating: Float(step), shape: [count])
        y = Variable(.zeros([count]), parents: [y]) { upstream in
          inUse.append(MemoryPool.statistics.inUse)
          return withExtendedLifetime(saved) { [upstream] }
        }
      }
      y.backward(with: .ones([count]))
      check(inUse.count == 8 && zip(inUse, inUse.dropFirst()).allSatisfy { $0 > $1 }, "\(inUse)")
    }
  }

  @Test("a block that changes its shape stops")
  func shapes() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let leaves = [2, 3].map { Variable(.zeros([$0]), requiresGradient: true) }
      var calls = 0
      checkpoint {
        calls += 1
        return leaves[calls - 1] + leaves[calls - 1]
      }.backward(with: .ones([2]))
    }
    expect(result, mentions: "checkpoint: computed [2] first and then [3]")
  }
}
