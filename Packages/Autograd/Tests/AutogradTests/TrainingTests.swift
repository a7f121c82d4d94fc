import Autograd
import Tensor
import TensorTestSupport
import Testing

private final class Convolution: Layer {
  let weight: Parameter
  let bias: Parameter
  private let parameters: Convolution2dParameters
  private let activation: FusedActivation

  init(
    _ shape: Shape, _ parameters: Convolution2dParameters, _ activation: FusedActivation = .relu
  ) {
    weight = Parameter(.zeros(shape), checkpointAxes: [3, 2, 0, 1])
    bias = Parameter(.zeros([shape[3]]))
    self.parameters = parameters
    self.activation = activation
  }

  func callAsFunction(_ input: Variable) -> Variable {
    input.convolution2d(weight, bias: bias, parameters, activation: activation)
  }
}

/// The network of `golden_training.py`.
private final class Network: Layer {
  let conv1 = Convolution([3, 3, 3, 6], .init(padding: Padding2d(1)))
  let conv2 = Convolution([3, 3, 6, 12], .init(stride: 2, padding: Padding2d(1)))
  let classifier = Convolution([4, 4, 12, 5], .init(), .none)

  func callAsFunction(_ input: Variable) -> Variable { classifier(conv2(conv1(input))) }
}

@Suite("Training")
struct TrainingTests {
  private let golden: GoldenFile.Case
  private let pictures: Tensor
  private let labels: LabelMap

  init() throws {
    golden = try GoldenFile("training", in: .module)["overfit"]
    pictures = golden["pictures"]
    labels = LabelMap(golden["labels"].scalars.map { UInt8($0) }, shape: [16, 1, 1])
  }

  private func network() throws -> Network {
    let network = Network()
    let names = network.stateDict.keys
    try network.load(Dictionary(uniqueKeysWithValues: names.map { ($0, golden[$0]) }))
    return network
  }

  private func optimizer(of network: Network) -> SGD {
    SGD(
      [ParameterGroup(network.namedParameters, learningRate: 0.05, weightDecay: 1e-4)],
      momentum: 0.9, schedule: .poly(steps: 40))
  }

  private func step(_ network: Network, _ optimizer: Optimizer) -> Float {
    let loss = network(Variable(pictures)).crossEntropy(labels)
    loss.backward()
    optimizer.step()
    optimizer.zeroGradients()
    return loss.value.scalar
  }

  @Test("40 steps follow PyTorch's loss within 1 % and learn the pictures by heart")
  func overfit() throws {
    let network = try network()
    let optimizer = optimizer(of: network)
    let losses = (0..<40).map { _ in step(network, optimizer) }
    for (found, expected) in zip(losses, golden["losses"].scalars) {
      #expect(abs(found - expected) <= 0.01 * expected)
    }
    #expect((losses.last ?? 1) < 0.01)
  }

  @Test("a run saved and restored in the middle ends with the same bits as one without a break")
  func resume() throws {
    let whole = try network()
    let first = optimizer(of: whole)
    for _ in 0..<4 { _ = step(whole, first) }
    let (weights, state) = (whole.stateDict, first.state)
    let losses = (0..<4).map { _ in step(whole, first) }
    let resumed = Network()
    let second = optimizer(of: resumed)
    try resumed.load(weights)
    try second.restore(state)
    #expect((0..<4).map { _ in step(resumed, second) } == losses)
    #expect(resumed.stateDict == whole.stateDict)
  }

  @Test("gradients of micro-batches add up to those of the whole batch")
  func accumulation() throws {
    let (whole, parts) = (try network(), try network())
    whole(Variable(pictures)).crossEntropy(labels).backward()
    let scalars = pictures.scalars
    for start in stride(from: 0, to: 16, by: 4) {
      let part = Tensor(Array(scalars[start * 192..<(start + 4) * 192]), shape: [4, 8, 8, 3])
      let loss = parts(Variable(part)).crossEntropy(
        LabelMap(Array(labels.labels[start..<start + 4]), shape: [4, 1, 1]))
      loss.backward(with: Tensor(0.25))
    }
    for (expected, found) in zip(whole.namedParameters, parts.namedParameters) {
      let wanted = try #require(expected.parameter.gradient)
      let sum = try #require(found.parameter.gradient)
      #expect(difference(from: wanted, sum, relative: 1e-5) == nil, "\(expected.name)")
    }
  }

  @Test("a checkpointed block gives the same bits")
  func checkpointed() throws {
    let (plain, saved) = (try network(), try network())
    plain(Variable(pictures)).crossEntropy(labels).backward()
    let features = checkpoint { saved.conv2(saved.conv1(Variable(pictures))) }
    saved.classifier(features).crossEntropy(labels).backward()
    #expect(plain.parameters.map(\.gradient) == saved.parameters.map(\.gradient))
  }

  @Test("a leaf's gradient is added to in place")
  func inPlace() throws {
    let network = try network()
    func address() -> Int? {
      unsafe network.conv1.weight.gradient?.withUnsafeScalars { Int(bitPattern: $0.baseAddress) }
    }
    network(Variable(pictures)).crossEntropy(labels).backward()
    let before = address()
    network(Variable(pictures)).crossEntropy(labels).backward()
    #expect(before != nil && before == address())
  }
}
