import Autograd
import Backbone
import Tensor
import TensorTestSupport
import Testing

@Suite("Training")
struct OverfitTests {
  @Test("ResNet-18 learns 32 random images by heart, loss by loss as in PyTorch")
  func overfit() throws {
    let golden = try GoldenFile("overfit", in: .module)["resnet18"]
    let expected = golden["losses"].scalars
    let classCount = golden.integer("classes")
    let rate = golden.number("rate")
    var generator = PhiloxGenerator(seed: 1)
    let network = ResNet(.resnet18, classCount: classCount, using: &generator)
    try SharedNumbers.fill(network)
    network.train()
    let images = Variable(SharedNumbers.numbers(1000, [32, 32, 32, 3]))
    let labels = LabelMap((0..<32).map { UInt8($0 % classCount) }, shape: [32])
    let optimizer = SGD(
      [ParameterGroup(network.namedParameters, learningRate: rate, weightDecay: 1e-4)],
      momentum: 0.9)
    var losses: [Float] = []
    for _ in expected {
      optimizer.zeroGradients()
      let loss = network.logits(images).crossEntropy(labels)
      losses.append(loss.value.scalar)
      loss.backward()
      optimizer.step()
    }
    #expect(losses.count == 50)
    for (step, (loss, reference)) in zip(losses, expected).enumerated() {
      #expect(abs(loss - reference) <= 0.01 * reference, "step \(step): \(loss), \(reference)")
    }
    #expect(losses[0] > 2 && losses[49] < 1e-3)
  }
}
