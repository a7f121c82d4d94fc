internal import Autograd
internal import Backbone
internal import Tensor

extension Benchmark {
  /// Inference and training steps of the real networks with fixed batch norms, as the pipeline
  /// runs them. The training step is forward, backward and SGD with momentum.
  static var backbone: [Benchmark] {
    [1, 4].map { network(.resnet50, .forward, batch: $0, side: 512) }
      + [2, 4].map { network(.resnet50, .training, batch: $0, side: 512) }
      + [
        network(.efficientNetLite0, .forward, batch: 16, side: 320),
        network(.efficientNetLite0, .training, batch: 16, side: 320),
        network(.efficientNetLite0, .training, batch: 16, side: 224),
        network(.resnet38, .training, batch: 2, side: 448),
      ]
  }

  private enum Use: String {
    case forward
    case training = "training step"
  }

  private static func network(
    _ name: NetworkName, _ use: Use, batch: Int, side: Int
  ) -> Benchmark {
    Benchmark(
      "\(name.rawValue)/\(use.rawValue) \(side), batch \(batch)",
      work: .items(Double(batch), unit: "images")
    ) {
      var generator = PhiloxGenerator(seed: 1)
      let stride = name.outputStrides.contains(16) ? 16 : name.outputStrides[0]
      let network: any FeatureExtractor
      do {
        network = try name.makeNetwork(
          outputStride: stride, random: RandomSource(PhiloxGenerator(seed: 2)), using: &generator)
      } catch { fatalError("\(error)") }
      network.setBatchNorm(.fixedStatistics)
      let images = random([batch, side, side, 3], 1)
      if use == .forward {
        network.eval()
        return { _ = withoutGradients { network(Variable(images)) } }
      }
      let optimizer = SGD(
        [ParameterGroup(network.namedParameters, learningRate: 1e-6)], momentum: 0.9)
      let pixels = (side + stride - 1) / stride
      let upstream = random([batch, pixels, pixels, network.channels], 2)
      return {
        optimizer.zeroGradients()
        network(Variable(images)).backward(with: upstream)
        optimizer.step()
      }
    }
  }
}
