internal import Tensor

extension Benchmark {
  /// 3x3 convolutions of ResNet-50 (512 x 512, output stride 16) and ResNet-38 (448 x 448), by
  /// Winograd and directly.
  ///
  /// The rate counts the multiplications of direct convolution for both.
  static let winograd: [Benchmark] = [
    layer("ResNet-50", batch: 1, size: 128, 64, 64, passes: [.forward]),
    layer("ResNet-50", batch: 1, size: 64, 128, 128, passes: [.forward]),
    layer("ResNet-50", batch: 1, size: 32, 256, 256, passes: [.forward]),
    layer("ResNet-50", batch: 1, size: 32, 512, 512, dilation: 2, passes: [.forward]),
    layer("ResNet-50", batch: 4, size: 128, 64, 64),
    layer("ResNet-50", batch: 4, size: 64, 128, 128),
    layer("ResNet-50", batch: 4, size: 32, 256, 256),
    layer("ResNet-50", batch: 4, size: 32, 512, 512, dilation: 2),
    layer("ResNet-38", batch: 2, size: 112, 256, 256),
    layer("ResNet-38", batch: 2, size: 56, 512, 512),
    layer("ResNet-38", batch: 2, size: 56, 512, 1024, dilation: 2),
  ].flatMap { $0 }

  private enum Pass: String, CaseIterable, Sendable {
    case forward
    case inputGradient = "input gradient"
    case weightGradient = "weight gradient"
  }

  private static func layer(
    _ network: String, batch: Int, size: Int, _ inputs: Int, _ outputs: Int, dilation: Int = 1,
    passes: [Pass] = Pass.allCases
  ) -> [Benchmark] {
    let dilated = dilation > 1 ? ", dilation \(dilation)" : ""
    let place = "\(network) \(inputs)->\(outputs) at \(batch)x\(size)x\(size)\(dilated)"
    let parameters = Convolution2dParameters(padding: Padding2d(dilation), dilation: dilation)
    let work = Work.operations(Double(2 * 9 * batch * size * size) * Double(inputs * outputs))
    return passes.flatMap { pass in
      [(true, "winograd"), (false, "direct")].map { isWinograd, name in
        Benchmark("winograd/\(place) \(pass.rawValue), \(name)", work: work) {
          var generator = PhiloxGenerator(seed: 1)
          let image = generator.uniform(shape: [batch, size, size, inputs], in: -1..<1)
          let upstream = generator.uniform(shape: [batch, size, size, outputs], in: -1..<1)
          let weight = generator.uniform(shape: [3, 3, inputs, outputs], in: -0.1..<0.1)
          return {
            WinogradConvolution.isEnabled = isWinograd
            defer { WinogradConvolution.isEnabled = true }
            switch pass {
            case .forward:
              _ = image.convolution2d(weight, parameters)
            case .inputGradient:
              _ = upstream.convolution2dInputGradient(
                weight, inputShape: image.shape, parameters)
            case .weightGradient:
              _ = upstream.convolution2dWeightGradient(
                input: image, weightShape: weight.shape, parameters)
            }
          }
        }
      }
    }
  }
}
