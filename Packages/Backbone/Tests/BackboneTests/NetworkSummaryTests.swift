import Autograd
import Backbone
import Tensor
import Testing

@Suite("NetworkSummary")
struct NetworkSummaryTests {
  private func classifier(_ architecture: ResNet.Architecture) -> ResNet {
    var generator = PhiloxGenerator(seed: 1)
    return ResNet(architecture, classCount: 1000, using: &generator)
  }

  @Test(
    "parameters and multiply-adds are torchvision's",
    // torchvision's weights' metadata: num_params and _ops (GMAC, to three places).
    arguments: [
      (ResNet.Architecture.resnet18, 11_689_512, 1.814), (.resnet50, 25_557_032, 4.089),
    ])
  func resnet(architecture: ResNet.Architecture, parameters: Int, multiplyAdds: Double) {
    let network = classifier(architecture)
    network.train()
    let summary = NetworkSummary(network, inputShapes: [[1, 224, 224, 3]]) {
      [network.logits($0[0])]
    }
    #expect(summary.parameterCount == parameters)
    #expect(summary.layers.reduce(0) { $0 + $1.parameterCount } == parameters)
    let products = summary.layers.filter {
      $0.operation.hasPrefix("conv") || $0.operation == "linear"
    }
    let operations = products.reduce(0) { $0 + $1.operationCount }
    #expect(abs(Double(operations) / 2e9 - multiplyAdds) < 6e-4)
    #expect(summary.layers.first?.name == "conv1" && summary.layers.last?.name == "fc")
    #expect(summary.layers.last?.outputShape == [1, 1000])
    #expect(network.modules.compactMap { $0 as? any ModeDependent }.allSatisfy { $0.isTraining })
  }

  @Test("a table of what ran, with totals")
  func table() throws {
    var generator = PhiloxGenerator(seed: 1)
    let layer = Convolution2d(
      inChannels: 3, outChannels: 8, kernelSize: 3, stride: 2, padding: .zeros(1), using: &generator
    )
    let network = Sequential(
      layer, BatchNorm2d(channels: 8), Activation(.relu),
      Convolution2d(
        inChannels: 8, outChannels: 8, kernelSize: 3, padding: .zeros(2), dilation: 2, groups: 8,
        bias: true, using: &generator), GlobalAveragePool2d())
    let summary = NetworkSummary(network, inputShapes: [[2, 17, 16, 3]]) { [network($0[0])] }
    #expect(
      summary.description == """
        layer  operation                      output         parameters       FLOPs    memory
        -------------------------------------------------------------------------------------
        0      conv 3x3 /2, norm, relu        2 x 9 x 8 x 8         232  62.2 kFLOP  4.50 KiB
        3      conv 3x3 dilation 2 depthwise  2 x 9 x 8 x 8          80  20.7 kFLOP  4.50 KiB
               global average pool            2 x 1 x 1 x 8              1.15 kFLOP      64 B
        -------------------------------------------------------------------------------------
        312 parameters (1.22 KiB), 84.1 kFLOP, 9.06 KiB of outputs, 10.9 KiB at once in inference
        """)
  }

  @Test("of any backbone, by size")
  func backbone() throws {
    var generator = PhiloxGenerator(seed: 1)
    let network = EfficientNetLite(.lite0, outputStride: 16, using: &generator)
    let summary = NetworkSummary(network, height: 65, width: 49)
    #expect(summary.inputShapes == [[1, 65, 49, 3]])
    #expect(summary.layers.last?.outputShape == [1, 5, 4, 1280])
    #expect(summary.layers.contains { $0.name == "_blocks.3._depthwise_conv" })
    #expect(summary.peakBytes < summary.outputBytes)
  }
}
