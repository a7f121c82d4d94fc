import Autograd
import Tensor
import TensorTestSupport
import Testing

/// Two parameters in two groups, as in `golden_optimizers.py`.
private func twoGroups(
  _ rows: [Tensor], learningRate: Double = 0.1, weightDecay: Double = 0
) -> [ParameterGroup] {
  [
    ParameterGroup(
      [NamedParameter(name: "first", parameter: Parameter(rows[0]))],
      learningRate: learningRate, weightDecay: weightDecay),
    ParameterGroup(
      [NamedParameter(name: "second", parameter: Parameter(rows[1]))],
      learningRate: 10 * learningRate),
  ]
}

private func parameters(_ optimizer: Optimizer) -> [Parameter] {
  optimizer.groups.flatMap(\.parameters).map(\.parameter)
}

/// Row `index` of the first axis.
private func row(_ tensor: Tensor, _ index: Int) -> Tensor {
  let shape = Shape(Array(tensor.shape.dropFirst()))
  let count = shape.elementCount
  return Tensor(Array(tensor.scalars[index * count..<(index + 1) * count]), shape: shape)
}

@Suite("Optimizer")
struct OptimizerTests {
  typealias Maker = @Sendable ([ParameterGroup]) -> Optimizer

  static let peers: [String: (weightDecay: Double, make: Maker)] = [
    "sgd": (0, { SGD($0) }),
    "sgd decay": (0.1, { SGD($0) }),
    "sgd momentum": (5e-2, { SGD($0, momentum: 0.9) }),
    "sgd nesterov": (5e-2, { SGD($0, momentum: 0.9, nesterov: true) }),
    "sgd clipped": (0, { SGD($0, momentum: 0.9) }),
    "adam": (0.1, { Adam($0) }),
    "adam betas": (0, { Adam($0, betas: (0.5, 0.9), epsilon: 1e-3) }),
    "adamw": (0.1, { AdamW($0) }),
  ]

  @Test("20 steps equal PyTorch's", arguments: peers.keys.sorted())
  func golden(name: String) throws {
    let (weightDecay, make) = try #require(Self.peers[name])
    let file = try GoldenFile("optimizers", in: .module)
    let (inputs, expected) = (file["inputs"], file[name])
    let start = inputs["start"]
    let optimizer = make(
      twoGroups(
        [row(start, 0), row(start, 1)], learningRate: expected.number("learning_rate"),
        weightDecay: weightDecay))
    let clip = Float(expected.number("clip"))
    var path: [Tensor] = []
    for step in 0..<20 {
      optimizer.zeroGradients()
      for (index, parameter) in parameters(optimizer).enumerated()
      where index == 0 || step % 3 != 2 {
        parameter.gradient = row(row(inputs["gradients"], step), index)
      }
      if clip > 0 {
        let norm = parameters(optimizer).clipGradients(toNorm: clip)
        #expect(abs(norm - expected["norms"][step]) < 1e-5 * norm)
      }
      optimizer.step()
      if inputs["shown"].scalars.contains(Float(step)) {
        path += parameters(optimizer).map(\.value)
      }
    }
    let found = Tensor(path.flatMap(\.scalars), shape: expected["path"].shape)
    #expect(difference(from: expected["path"], found, relative: 2e-6) == nil)
  }

  static let makers: [Maker] = [
    { SGD($0, schedule: .poly(steps: 12)) },
    { SGD($0, momentum: 0.9, schedule: .poly(steps: 12)) },
    { Adam($0, schedule: .cosine(steps: 12).warmedUp(over: 4)) },
    { AdamW($0, schedule: .cosine(steps: 12).warmedUp(over: 4)) },
  ]

  /// Large enough for several chunks, odd.
  static let size = 70_001

  private func advance(_ optimizer: Optimizer, _ steps: Range<Int>) {
    for step in steps {
      for (index, parameter) in parameters(optimizer).enumerated() where step + index > 2 {
        parameter.gradient = Tensor(
          (0..<Self.size).map { Float(($0 &* 7919 &+ step &* 104_729 &+ index) % 1000) / 500 - 1 })
      }
      optimizer.step()
      optimizer.zeroGradients()
    }
  }

  @Test("a run restored in the middle ends with the same bits", arguments: makers.indices)
  func restore(index: Int) throws {
    let start = Tensor((0..<Self.size).map { Float($0 % 17) / 8 - 1 })
    let whole = Self.makers[index](twoGroups([start, start], weightDecay: 0.01))
    advance(whole, 0..<2)
    let early = whole.state
    advance(whole, 2..<6)
    let (values, state) = (parameters(whole).map(\.value), whole.state)
    #expect(early.counts["step"] == 2 && state.counts["step"] == 6)
    advance(whole, 6..<10)
    let resumed = Self.makers[index](twoGroups(values, weightDecay: 0.01))
    try resumed.restore(state)
    #expect(resumed.state == state)
    #expect(resumed.learningRates.first != whole.learningRates.first)
    advance(resumed, 6..<10)
    #expect(resumed.state == whole.state)
    #expect(resumed.learningRates == whole.learningRates)
    #expect(parameters(resumed).map(\.value) == parameters(whole).map(\.value))
  }

  @Test("one and two threads give the same bits", arguments: makers.indices)
  func threads(index: Int) {
    let before = Threads.count
    defer { Threads.count = before }
    let start = Tensor((0..<Self.size).map { Float($0 % 17) / 8 - 1 })
    let results = [1, 2].map { threads in
      Threads.count = threads
      let optimizer = Self.makers[index](twoGroups([start, start], weightDecay: 0.01))
      advance(optimizer, 0..<5)
      return parameters(optimizer).map(\.value)
    }
    #expect(results[0] == results[1])
  }

  @Test("a state of other parameters is refused with every difference, and changes nothing")
  func mismatch() {
    let optimizer = Adam(twoGroups([.zeros([2]), .zeros([3])]))
    for parameter in parameters(optimizer) { parameter.gradient = .ones(parameter.shape) }
    optimizer.step()
    var state = optimizer.state
    state.tensors["average.first"] = .zeros([5])
    state.tensors["squared_average.second"] = nil
    state.tensors["momentum.first"] = .zeros([2])
    state.counts["step.third"] = 1
    state.counts["step"] = -1
    let error = #expect(throws: OptimizerStateError.self) {
      try optimizer.restore(state, from: "last.safetensors")
    }
    #expect(
      error?.description == """
        last.safetensors: does not fit the optimiser:
          'step' is -1, expected 0 or more
          'average.first' has shape [5], the parameter has [2]
          missing 'squared_average.second'
          unexpected 'momentum.first'
          unexpected 'step.third'
        """)
    #expect(optimizer.stepCount == 1)
  }

  @Test("frozen parameters, and those without a gradient, are left alone")
  func frozen() {
    let optimizer = SGD(twoGroups([.ones([2]), .ones([2])], weightDecay: 0.5), momentum: 0.9)
    let both = parameters(optimizer)
    both[0].gradient = .ones([2])
    both[0].isFrozen = true
    optimizer.step()
    #expect(both.allSatisfy { $0.value == .ones([2]) })
    #expect(optimizer.state.tensors.isEmpty)
  }

  @Test("a step changes parameters in place, and not what others hold of them")
  func inPlace() {
    let optimizer = SGD(twoGroups([.zeros([4]), .zeros([4])]))
    let parameter = parameters(optimizer)[0]
    let address = unsafe parameter.value.withUnsafeScalars {
      Int(bitPattern: $0.baseAddress)
    }
    parameter.gradient = .ones([4])
    optimizer.step()
    let after = unsafe parameter.value.withUnsafeScalars { Int(bitPattern: $0.baseAddress) }
    #expect(address == after)
    let held = parameter.value
    optimizer.step()
    #expect(held != parameter.value)
  }

  @Test("gradients within the norm keep their bits; NaN spreads to all")
  func clipping() {
    let small = parameters(SGD(twoGroups([.zeros([2]), .zeros([2])])))
    small[0].gradient = Tensor([0.3, 0.4])
    #expect(small.clipGradients(toNorm: 0.6) == 0.5)
    #expect(small[0].gradient?.scalars == [0.3, 0.4])
    small[1].gradient = Tensor([.nan, 1])
    #expect(small.clipGradients(toNorm: 0.6).isNaN)
    #expect(small[0].gradient?.scalars.allSatisfy(\.isNaN) == true)
    #expect([Parameter]().clipGradients(toNorm: 1) == 0)
  }

  @Test("the norm has the same bits on one and two threads")
  func normThreads() {
    let before = Threads.count
    defer { Threads.count = before }
    let parameter = Parameter(.zeros([300_001]))
    parameter.gradient = Tensor((0..<300_001).map { Float($0 % 1013) / 997 })
    let norms = [1, 2].map { threads in
      Threads.count = threads
      return [parameter].gradientNorm
    }
    #expect(norms[0] == norms[1])
    let exact = (0..<300_001).reduce(0.0) {
      let value = Double(Float($1 % 1013) / 997)
      return $0 + value * value
    }
    #expect(abs(Double(norms[0]) - exact.squareRoot()) < 1e-6 * exact.squareRoot())
  }

  @Test("wrong settings stop with a message")
  func stops() async {
    let momentum = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = SGD([], momentum: 1) }
    expect(momentum, mentions: "SGD: momentum 1.0 is not in 0..<1")
    let nesterov = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = SGD([], nesterov: true) }
    expect(nesterov, mentions: "needs a momentum above 0")
    let twice = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let entry = NamedParameter(name: "weight", parameter: Parameter(.zeros([1])))
      _ = AdamW([ParameterGroup([entry, entry], learningRate: 1)])
    }
    expect(twice, mentions: "AdamW: parameter 'weight' is in the groups twice")
  }
}

@Suite("Schedule")
struct ScheduleTests {
  static let peers: [String: Schedule] = [
    "poly": .poly(steps: 20),
    "cosine": .cosine(steps: 24, floor: 0.1),
    "step": .step(every: 7, factor: 0.5),
    "multistep": .multistep(at: [5, 6, 15]),
    "warm-up": .warmUp(steps: 6, from: 0.1),
    "poly warmed up": .poly(steps: 20).warmedUp(over: 6, from: 0.1),
    "warm-up, then cosine":
      .warmUp(steps: 6, from: 0.1).followed(by: .cosine(steps: 18), after: 6),
  ]

  @Test("factors equal PyTorch's learning rates", arguments: peers.keys.sorted())
  func golden(name: String) throws {
    let schedule = try #require(Self.peers[name])
    let rates = try GoldenFile("optimizers", in: .module)[name]["rates"]
    let found = (0..<rates.count).map { Float(schedule.factor(at: $0)) }
    #expect(difference(from: rates, Tensor(found), relative: 1e-6) == nil)
  }

  @Test("a schedule stays at its end")
  func end() {
    #expect(Schedule.poly(steps: 5).factor(at: 9) == 0)
    #expect(abs(Schedule.cosine(steps: 5, floor: 0.25).factor(at: 9) - 0.25) < 1e-12)
    #expect(Schedule.warmUp(steps: 5).factor(at: 9) == 1)
    #expect(Schedule.constant.factor(at: 1_000_000) == 1)
  }
}
