import Autograd
import AutogradTestSupport
import Tensor
import Testing

@Suite("Variable")
struct VariableTests {
  @Test("gradients of a sum match central differences", arguments: [0, 1, 15, 17])
  func sum(count: Int) {
    let a = Tensor((0..<count).map { Float($0) / 7 - 1 })
    let b = Tensor((0..<count).map { 1 - Float($0) / 9 })
    #expect(gradientMismatch(at: [a, b]) { $0[0] + $0[1] } == nil)
  }

  @Test("a wrong gradient is told apart")
  func wrongGradient() {
    let mismatch = gradientMismatch(at: [Tensor([1, 2])]) { inputs in
      Variable(inputs[0].value, parents: inputs) { upstream in
        [Tensor(upstream.scalars.map { $0 * 1.02 })]
      }
    }
    #expect(mismatch?.contains("input 0 of shape [2]") == true)
  }

  @Test("a gradient on the wrong operand is told apart")
  func wrongOperand() {
    let mismatch = gradientMismatch(at: [Tensor([1, 2]), Tensor([3, 4])]) { inputs in
      Variable((inputs[0] + inputs[1]).value, parents: inputs) { [first = inputs[0]] upstream in
        first.requiresGradient ? [upstream, upstream] : [nil, nil]
      }
    }
    #expect(mismatch?.contains("the others constant") == true)
  }

  @Test("where a length or a deviation is 0 its gradient is 0, as PyTorch has it")
  func zeroLengths() {
    // Rows: all zeros, all alike, 3-4-0.
    let rows = Tensor([0, 0, 0, 2, 2, 2, 3, 4, 0], shape: [3, 3])
    let x = Variable(rows, requiresGradient: true)
    let lengths = x.norm([1])
    #expect(lengths.value.scalars[0] == 0 && lengths.value.scalars[2] == 5)
    lengths.backward(with: Tensor([7, 0, 10]))
    #expect(x.gradient?.scalars == [0, 0, 0, 0, 0, 0, 6, 8, 0])
    x.gradient = nil
    let deviations = x.standardDeviation([1])
    #expect(deviations.value.scalars.prefix(2) == [0, 0])
    deviations.backward(with: Tensor([7, 7, 0]))
    #expect(x.gradient?.scalars == [Float](repeating: 0, count: 9))
  }

  @Test("a length that is no number has a gradient that is none") func noLength() {
    let x = Variable(Tensor([.nan, 1]), requiresGradient: true)
    x.norm().backward()
    #expect(x.gradient?.scalars.allSatisfy(\.isNaN) == true)
  }

  @Test("a variable used twice gets the sum of both gradients")
  func fanOut() {
    let x = Variable(Tensor([1, 2]), requiresGradient: true)
    let twice = x + x
    (twice + x).backward(with: Tensor([1, 10]))
    #expect(x.gradient?.scalars == [3, 30])
  }

  @Test("backward passes add up until the gradient is cleared")
  func accumulation() {
    let x = Variable(Tensor([1]), requiresGradient: true)
    for _ in 0..<3 { (x + x).backward() }
    #expect(x.gradient?.scalars == [6])
    x.gradient = nil
    (x + x).backward()
    #expect(x.gradient?.scalars == [2])
  }

  @Test("a gradient handed out does not change with the next pass")
  func gradientIsAValue() {
    let x = Variable(Tensor([1]), requiresGradient: true)
    (x + x).backward()
    let first = x.gradient
    (x + x).backward()
    #expect(first?.scalars == [2])
  }

  @Test("nothing is recorded without gradients, for constants and for detached values")
  func constants() {
    let x = Variable(Tensor([1]), requiresGradient: true)
    let constant = Variable(Tensor([1]))
    #expect(!withoutGradients { x + x }.requiresGradient)
    #expect(!(constant + constant).requiresGradient)
    #expect(!x.detached().requiresGradient)
    #expect((x + constant).requiresGradient)
    (x.detached() + x).backward()
    #expect(x.gradient?.scalars == [1])
  }

  @Test("a graph 100 000 operations deep runs backward and goes away without overflow")
  func deep() {
    let x = Variable(Tensor([1]), requiresGradient: true)
    func chain() -> Variable { (0..<100_000).reduce(x) { sum, _ in sum + x } }
    chain().backward(retainingGraph: true)
    #expect(x.gradient?.scalars == [100_001])
    chain().backward()
    _ = chain()
    #expect(x.gradient?.scalars == [200_002])
  }

  @Test("pullbacks that capture variables do not overflow the stack either")
  func deepCaptured() {
    let x = Variable(Tensor([1]), requiresGradient: true)
    let end = (0..<100_000).reduce(x) { sum, _ in
      Variable(sum.value, parents: [sum]) { [sum.requiresGradient ? $0 : nil] }
    }
    #expect(end.requiresGradient)
  }

  @Test("a retained graph runs again")
  func retained() {
    let x = Variable(Tensor([1]), requiresGradient: true)
    let y = x + x
    y.backward(retainingGraph: true)
    y.backward()
    #expect(x.gradient?.scalars == [4])
  }

  @Test("what an operation saved is freed once backward has passed it")
  func release() {
    final class Token {}
    weak var saved: Token?
    let x = Variable(Tensor([1]), requiresGradient: true)
    let y: Variable
    do {
      let token = Token()
      saved = token
      y = Variable(x.value, parents: [x]) { [token] upstream in
        withExtendedLifetime(token) { [upstream] }
      }
    }
    #expect(saved != nil)
    y.backward()
    #expect(saved == nil)
  }
}

@Suite("Variable stops")
struct VariableStopTests {
  @Test("at a second backward through a released graph")
  func released() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let x = Variable(Tensor([1]), requiresGradient: true)
      let y = x + x
      y.backward()
      y.backward()
    }
    expect(result, mentions: "released by an earlier backward")
  }

  @Test("at backward from a value of several elements")
  func notScalar() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      Variable(.zeros([2, 3]), requiresGradient: true).backward()
    }
    expect(result, mentions: "backward: the value has shape [2, 3]")
  }

  @Test("at backward from a constant")
  func constant() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      Variable(Tensor([1])).backward()
    }
    expect(result, mentions: "nothing here requires a gradient")
  }

  @Test("at gradients of a wrong shape or number")
  func wrongGradients() async {
    let shape = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let x = Variable(.zeros([2]), requiresGradient: true)
      Variable(.zeros([2]), parents: [x]) { _ in [Tensor([1, 2, 3])] }.backward(with: .ones([2]))
    }
    expect(shape, mentions: "gradient of shape [3] for a variable of shape [2]")
    let number = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let x = Variable(.zeros([2]), requiresGradient: true)
      Variable(.zeros([2]), parents: [x]) { [$0, $0] }.backward(with: .ones([2]))
    }
    expect(number, mentions: "returned 2 gradients for 1 parents")
  }

  @Test("at a gradient set on a result or of another shape")
  func setGradient() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      Variable(.zeros([2]), requiresGradient: true).gradient = Tensor([1])
    }
    expect(result, mentions: "gradient: [1] for a variable of [2]")
  }

  @Test("at a sum of two shapes")
  func shapes() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Variable(.zeros([2, 3])) + Variable(.zeros([4, 5]))
    }
    expect(result, mentions: "[2, 3] and [4, 5]")
  }
}

/// Expects the message of a process that stopped to contain a text.
func expect(
  _ result: ExitTest.Result?, mentions text: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
  #expect(message.contains(text), "\(message)", sourceLocation: sourceLocation)
}
