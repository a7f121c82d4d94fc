import Autograd
import Backbone
import Tensor
import Testing

@Suite("NetworkName")
struct NetworkNameTests {
  @Test("every network is as its name's list of needs says", arguments: NetworkName.allCases)
  func needs(name: NetworkName) throws {
    var generator = PhiloxGenerator(seed: 1)
    let random = RandomSource(PhiloxGenerator(seed: 2))
    for stride in name.outputStrides {
      let network = try name.makeNetwork(outputStride: stride, random: random, using: &generator)
      #expect(network.stageChannels == name.stageChannels)
      #expect(network.outputStride == stride)
      #expect(network.inputPreset == name.inputPreset)
      #expect(network.stageModules.count == network.stageChannels.count)
      let inStages = network.stageModules.flatMap(\.self).flatMap(\.parameters).count
      #expect(inStages == network.parameters.count)
      if name == .resnet38 { break }
    }
  }

  @Test("a name or stride that does not exist is an error that names those that do")
  func unknown() {
    #expect {
      try NetworkName(named: "vgg16")
    } throws: {
      "\($0)".hasPrefix("no network 'vgg16'; there are resnet18, resnet34, resnet50, resnet101,")
    }
    #expect {
      var generator = PhiloxGenerator(seed: 1)
      _ = try NetworkName.resnet38.makeNetwork(
        outputStride: 16, random: RandomSource(generator), using: &generator)
    } throws: {
      "\($0)" == "'resnet38' has output stride [8], not 16"
    }
  }

  @Test("input presets shift and scale each colour")
  func presets() {
    let image = Tensor([123.675, 116.28, 103.53, 182.07, 173.4, 160.905], shape: [1, 1, 2, 3])
    let normalized = InputPreset.imageNet(image).scalars
    #expect(zip(normalized, [0, 0, 0, 1, 1, 1] as [Float]).allSatisfy { abs($0 - $1) < 1e-5 })
    #expect(InputPreset.efficientNetLite(Tensor([255, 127, -1])).scalars == [1, 0, -1])
  }
}
