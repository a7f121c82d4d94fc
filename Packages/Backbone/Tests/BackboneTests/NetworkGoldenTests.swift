import Autograd
import Backbone
import Tensor
import TensorTestSupport
import Testing

@Suite("Networks equal PyTorch's", .serialized)
struct NetworkGoldenTests {
  private let golden: GoldenFile

  init() throws { golden = try GoldenFile("networks", in: .module) }

  private func network(_ name: String, stride: Int) throws -> any FeatureExtractor {
    var generator = PhiloxGenerator(seed: 1)
    return try NetworkName(named: name).makeNetwork(
      outputStride: stride, random: RandomSource(PhiloxGenerator(seed: 2)), using: &generator)
  }

  private func expectEqual(
    _ network: some FeatureExtractor, _ golden: GoldenFile.Case
  ) throws {
    #expect(network.stateDict.count == golden.integer("keys"))
    try SharedNumbers.fill(network)
    let shape: Shape = [
      golden.integer("batch"), golden.integer("height"), golden.integer("width"), 3,
    ]
    let image = Variable(
      SharedNumbers.numbers(UInt64(golden.integer("stream")), shape), requiresGradient: true)
    let outputs = network.stages(image)
    #expect(outputs.map(\.shape[3]) == network.stageChannels)
    let shapes = golden["shapes"].scalars.map { Int($0) }
    for (stage, output) in outputs.enumerated() {
      #expect(output.shape.dimensions == Array(shapes[4 * stage..<4 * stage + 4]))
      let mismatch = SharedNumbers.mismatch(output.value, golden["stage\(stage)"].scalars)
      #expect(mismatch == nil, "stage \(stage)")
    }
    let last = outputs[outputs.count - 1]
    last.backward(with: SharedNumbers.numbers(2000, last.shape))
    let gradient = try #require(image.gradient)
    #expect(SharedNumbers.mismatch(gradient, golden["image_gradient"].scalars) == nil)
    let mismatches = SharedNumbers.gradientMismatches(network, golden["gradients"])
    #expect(mismatches.isEmpty, "\(mismatches.count), such as \(mismatches.prefix(2))")
  }

  @Test(
    "stages and all gradients with fixed batch norm, within 1e-4",
    arguments: [
      "resnet18", "resnet34", "resnet50", "resnet101", "resnet-sample", "efficientnet-lite0",
      "efficientnet-lite1", "efficientnet-lite2", "resnet38",
    ])
  func fixed(name: String) throws {
    let network = try network(name, stride: golden[name].integer("stride"))
    network.setBatchNorm(.fixedStatistics)
    network.eval()
    try expectEqual(network, golden[name])
  }

  @Test("dilated to stride 8", arguments: ["resnet50", "efficientnet-lite0"])
  func dilated(name: String) throws {
    let network = try network(name, stride: 8)
    network.eval()
    try expectEqual(network, golden["\(name)-stride8"])
  }

  @Test("batch norm with the batch's statistics, running ones included")
  func training() throws {
    let network = try network("resnet18", stride: 32)
    network.train()
    try expectEqual(network, golden["resnet18-training"])
    let state = network.stateDict
    let rows = golden["resnet18-training"]["running"].scalars
    for (index, name) in state.keys.filter({ $0.contains("running") }).sorted().enumerated() {
      let value = try #require(state[name])
      let mismatch = SharedNumbers.mismatch(value, Array(rows[3 * index..<3 * index + 3]))
      #expect(mismatch == nil, "\(name)")
    }
    #expect(state["bn1.num_batches_tracked"] == Tensor(1))
  }
}
