internal import Tensor

/// A convolution layer of a network, to be measured forward and backward.
struct ConvolutionLayer {
  var network: String
  var batch: Int
  /// Rows and columns of the input.
  var size: Int
  var inputs: Int
  var outputs: Int
  var kernel: Int
  var stride = 1
  var dilation = 1
  var groups = 1
  var hasResidual = false

  var parameters: Convolution2dParameters {
    Convolution2dParameters(
      stride: stride, padding: Padding2d((kernel - 1) * dilation / 2), dilation: dilation,
      groups: groups)
  }

  var outputSize: Int { (size - 1) / stride + 1 }
  var inputShape: Shape { [batch, size, size, inputs] }
  var weightShape: Shape { [kernel, kernel, inputs / groups, outputs] }
  var outputShape: Shape { [batch, outputSize, outputSize, outputs] }
  var operations: Double {
    Double(2 * outputShape.elementCount * kernel * kernel * inputs / groups)
  }

  var name: String {
    "\(network) \(kernel)x\(kernel) \(inputs)->\(outputs) at \(size)x\(size)"
      + (stride > 1 ? " stride \(stride)" : "") + (dilation > 1 ? " dilated \(dilation)" : "")
      + (hasResidual ? " + residual" : "") + (batch > 1 ? ", batch \(batch)" : "")
  }

  /// The layer with bias and ReLU, and its two gradients.
  func benchmarks(suite: String) -> [Benchmark] {
    let layer = self
    func work(_ pass: String, _ prepare: @escaping @Sendable () -> () -> Void) -> Benchmark {
      Benchmark("\(suite)/\(name) \(pass)", work: .operations(operations), prepare: prepare)
    }
    let isFirst = inputs == 3
    return [
      work("forward") {
        let image = random(layer.inputShape, 1)
        let (weight, bias) = (random(layer.weightShape, 2), random([layer.outputs], 3))
        let residual = layer.hasResidual ? random(layer.outputShape, 4) : nil
        return {
          _ = image.convolution2d(
            weight, bias: bias, layer.parameters, activation: .relu, residual: residual)
        }
      },
      // The first layer's input is an image: nobody asks for its gradient.
      isFirst
        ? nil
        : work("input gradient") {
          let (upstream, weight) = (random(layer.outputShape, 1), random(layer.weightShape, 2))
          return {
            _ = upstream.convolution2dInputGradient(
              weight, inputShape: layer.inputShape, layer.parameters)
          }
        },
      work("weight gradient") {
        let (image, upstream) = (random(layer.inputShape, 1), random(layer.outputShape, 2))
        return {
          _ = upstream.convolution2dWeightGradient(
            input: image, weightShape: layer.weightShape, layer.parameters, withBias: true)
        }
      },
    ].compactMap(\.self)
  }
}

/// Uniform numbers in -1..<1.
func random(_ shape: Shape, _ seed: UInt64) -> Tensor {
  var generator = PhiloxGenerator(seed: seed)
  return generator.uniform(shape: shape, in: -1..<1)
}

extension Benchmark {
  /// Every dense convolution of ResNet-50 at output stride 16 on a 512 x 512 image, and the 1x1
  /// ones of EfficientNet-Lite0 on 224 x 224 images.
  static var convolution: [Benchmark] {
    (resNet50Layers + efficientNetLite0Layers).flatMap { $0.benchmarks(suite: "convolution") }
  }

  private static var resNet50Layers: [ConvolutionLayer] {
    func layer(
      _ inputs: Int, _ outputs: Int, _ kernel: Int, at size: Int, stride: Int = 1,
      dilation: Int = 1, residual: Bool = false
    ) -> ConvolutionLayer {
      ConvolutionLayer(
        network: "ResNet-50", batch: 1, size: size, inputs: inputs, outputs: outputs,
        kernel: kernel, stride: stride, dilation: dilation, hasResidual: residual)
    }
    return [
      layer(3, 64, 7, at: 512, stride: 2),
      layer(64, 64, 1, at: 128), layer(64, 64, 3, at: 128),
      layer(64, 256, 1, at: 128, residual: true), layer(256, 64, 1, at: 128),
      layer(256, 128, 1, at: 128), layer(128, 128, 3, at: 128, stride: 2),
      layer(256, 512, 1, at: 128, stride: 2), layer(128, 512, 1, at: 64, residual: true),
      layer(512, 128, 1, at: 64), layer(128, 128, 3, at: 64),
      layer(512, 256, 1, at: 64), layer(256, 256, 3, at: 64, stride: 2),
      layer(512, 1024, 1, at: 64, stride: 2), layer(256, 1024, 1, at: 32, residual: true),
      layer(1024, 256, 1, at: 32), layer(256, 256, 3, at: 32),
      layer(1024, 512, 1, at: 32), layer(512, 512, 3, at: 32),
      layer(1024, 2048, 1, at: 32), layer(512, 2048, 1, at: 32, residual: true),
      layer(2048, 512, 1, at: 32), layer(512, 512, 3, at: 32, dilation: 2),
    ]
  }

  private static var efficientNetLite0Layers: [ConvolutionLayer] {
    let pointwise = [
      (112, 32, 16), (112, 16, 96), (56, 96, 24), (56, 24, 144), (56, 144, 24), (28, 144, 40),
      (28, 40, 240), (28, 240, 40), (14, 240, 80), (14, 80, 480), (14, 480, 80), (14, 480, 112),
      (14, 112, 672), (14, 672, 112), (7, 672, 192), (7, 192, 1152), (7, 1152, 192),
      (7, 1152, 320), (7, 320, 1280),
    ]
    let stem = ConvolutionLayer(
      network: "Lite0", batch: 16, size: 224, inputs: 3, outputs: 32, kernel: 3, stride: 2)
    return [stem]
      + pointwise.map { size, inputs, outputs in
        ConvolutionLayer(
          network: "Lite0", batch: 16, size: size, inputs: inputs, outputs: outputs, kernel: 1)
      }
  }
}
