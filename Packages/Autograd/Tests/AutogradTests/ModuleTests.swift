import Autograd
import Tensor
import Testing

private final class Scale: Layer, ModeDependent {
  let weight: Parameter
  let runningMean = Buffer(.zeros([2]))
  let bias: Parameter?
  var isTraining = true

  init(_ value: Float, bias: Bool = false) {
    weight = Parameter(Tensor([value, value]))
    self.bias = bias ? Parameter(.zeros([2])) : nil
  }

  func callAsFunction(_ input: Variable) -> Variable { input + weight }
}

private class Base: Module {
  let stem = Scale(0)
}

private final class Network: Base {
  let layer1 = [Sequential(Scale(1), Scale(2, bias: true)), Sequential()]
  let downsample: Sequential? = Sequential([Scale(3)])
  let upsample: Sequential? = nil
  let phiFGHead = Scale(4)
  let conv = Parameter(
    Tensor((0..<24).map(Float.init), shape: [1, 2, 3, 4]), checkpointAxes: [3, 2, 0, 1])
  let table = [Float](repeating: 0, count: 1_000_000)
  let name = "network"
}

private final class Shared: Module {
  let first = Scale(1)
  let second: Scale
  init() { second = first }
}

private final class Loop: Module {
  var inner: Loop?
}

@Suite("Module")
struct ModuleTests {
  @Test("names are those PyTorch would give, in the order of declaration")
  func names() {
    #expect(
      Network().namedParameters.map(\.name) == [
        "stem.weight", "layer1.0.0.weight", "layer1.0.1.weight", "layer1.0.1.bias",
        "downsample.0.weight", "phi_fg_head.weight", "conv",
      ])
    #expect(
      Network().stateDict.keys.sorted() == [
        "conv", "downsample.0.running_mean", "downsample.0.weight", "layer1.0.0.running_mean",
        "layer1.0.0.weight", "layer1.0.1.bias", "layer1.0.1.running_mean", "layer1.0.1.weight",
        "phi_fg_head.running_mean", "phi_fg_head.weight", "stem.running_mean", "stem.weight",
      ])
  }

  @Test("a shared module has two names in a checkpoint and one set of parameters")
  func shared() {
    let module = Shared()
    #expect(module.stateDict.keys.sorted().filter { $0.hasSuffix("weight") }.count == 2)
    #expect(module.namedParameters.map(\.name) == ["first.weight"])
  }

  @Test("a checkpoint has its own order of axes")
  func axes() throws {
    let network = Network()
    let saved = network.stateDict
    let weight = try #require(saved["conv"])
    #expect(weight.shape == [4, 3, 1, 2])
    for (o, i, w) in [(0, 0, 1), (3, 2, 1), (2, 1, 0)] {
      #expect(weight[o, i, 0, w] == network.conv.value[0, w, i, o])
    }
    let other = Network()
    other.conv.assign(.zeros(other.conv.shape))
    try other.load(saved)
    #expect(other.conv.value == network.conv.value)
  }

  @Test("a state dictionary does not change with the model")
  func snapshot() {
    let module = Scale(1)
    let saved = module.stateDict
    module.weight.update { $0[0] = 9 }
    module.runningMean.value[1] = 7
    #expect(saved["weight"]?.scalars == [1, 1])
    #expect(saved["running_mean"]?.scalars == [0, 0])
  }

  @Test("loading sets parameters and buffers and keeps who holds them")
  func load() throws {
    let module = Scale(1)
    let weight = module.weight
    let ignored = try module.load(["weight": Tensor([5, 6]), "running_mean": Tensor([7, 8])])
    #expect(ignored.isEmpty)
    #expect(weight === module.weight && weight.value.scalars == [5, 6])
    #expect(module.runningMean.value.scalars == [7, 8])
  }

  @Test("one error lists all differences, and nothing is loaded")
  func strict() throws {
    let module = Scale(1, bias: true)
    let state = [
      "bias": Tensor([7, 7]), "weight": Tensor([1, 2, 3]), "fc.weight": Tensor([1]),
      "extra": Tensor([1]),
    ]
    let error = #expect(throws: StateDictError.self) { try module.load(state, from: "a.pth") }
    #expect(
      error?.description == """
        a.pth: does not fit the model:
          missing 'running_mean'
          unexpected 'extra'
          unexpected 'fc.weight'
          'weight' has shape [3], the model expects [2]
        """)
    #expect(module.bias?.value.scalars == [0, 0])
  }

  @Test("of many differences the first are told, and how many there are")
  func another() throws {
    let state = Dictionary(uniqueKeysWithValues: (1...7).map { ("extra\($0)", Tensor([1])) })
    let error = #expect(throws: StateDictError.self) {
      try Scale(1, bias: true).load(state, from: "a.pth")
    }
    let lines = error?.description.split(separator: "\n") ?? []
    #expect(lines.filter { $0.hasPrefix("  unexpected 'extra") }.count == 5)
    #expect(lines.last == "  and 2 more like these")
    #expect(error?.unexpected.count == 7)
  }

  @Test("differences on purpose are allowed by pattern and reported")
  func allowed() throws {
    let module = Scale(1, bias: true)
    let state = [
      "weight": Tensor([1, 2]), "fc.weight": Tensor([1]), "bn1.num_batches_tracked": Tensor([1]),
      "bias": Tensor([0, 0]),
    ]
    let ignored = try module.load(
      state, allowingDifferences: ["fc.*", "*.num_batches_tracked", "running_*"])
    #expect(ignored == ["running_mean", "bn1.num_batches_tracked", "fc.weight"])
    #expect(throws: StateDictError.self) {
      try module.load(state, allowingDifferences: ["fc", "*.num_batches", "running_*"])
    }
  }

  @Test("train and eval reach every part")
  func mode() {
    let network = Network()
    network.eval()
    #expect(!network.stem.isTraining && !network.phiFGHead.isTraining)
    network.train()
    #expect(network.stem.isTraining && network.phiFGHead.isTraining)
  }

  @Test("a frozen parameter is a constant and loses its gradient")
  func freezing() {
    let module = Scale(1)
    let input = Variable(Tensor([1, 2]), requiresGradient: true)
    module(input).backward(with: .ones([2]))
    #expect(module.weight.gradient != nil)
    module.freeze()
    #expect(module.weight.gradient == nil && !module.weight.requiresGradient)
    module(input).backward(with: .ones([2]))
    #expect(module.weight.gradient == nil)
    module.unfreeze()
    module(input).backward(with: .ones([2]))
    #expect(module.weight.gradient?.scalars == [1, 1])
    module.zeroGradients()
    #expect(module.weight.gradient == nil)
  }

  @Test("layers of a sequence apply in order")
  func sequence() {
    let sum = Sequential(Scale(1), Scale(10))(Variable(Tensor([1, 2])))
    #expect(sum.value.scalars == [12, 13])
    #expect(Sequential()(Variable(Tensor([1]))).value.scalars == [1])
  }

  @Test("a module that contains itself stops")
  func loop() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let loop = Loop()
      loop.inner = loop
      _ = loop.parameters
    }
    expect(result, mentions: "refers to a module that contains it")
  }

  @Test("a value of another shape stops")
  func shapes() async {
    let parameter = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { Parameter(.zeros([2])).assign(.zeros([3])) }
    expect(parameter, mentions: "assign: [3] to a parameter of [2]")
    let axes = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Parameter(.zeros([2, 3]), checkpointAxes: [1, 1])
    }
    expect(axes, mentions: "Parameter: checkpoint axes [1, 1] for shape [2, 3]")
    let buffer = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      Buffer(.zeros([2])).value = .zeros([3])
    }
    expect(buffer, mentions: "shape [2] set to [3]")
  }
}
