internal import Autograd
internal import Tensor

/// The convolutions of ResNet-50 at output stride 16 with fixed batch norms and random weights:
/// the work of the network without what a use of it adds.
///
/// The same as torchvision's `resnet50(replace_stride_with_dilation=[False, False, True])` up to
/// its last block, in evaluation mode.
final class ResNet50Stack: Module {
  private let stem = FixedNormConvolution(3, 64, kernel: 7, stride: 2, seed: 1)
  private let blocks: [Bottleneck]

  init() {
    var blocks: [Bottleneck] = []
    var inputs = 64
    let stages = [(64, 3, 1, 1), (128, 4, 2, 1), (256, 6, 2, 1), (512, 3, 1, 2)]
    for (width, count, stride, dilation) in stages {
      for index in 0..<count {
        blocks.append(
          Bottleneck(
            inputs, width, stride: index == 0 ? stride : 1, dilation: index == 0 ? 1 : dilation,
            seed: UInt64(10 * blocks.count + 10)))
        inputs = 4 * width
      }
    }
    self.blocks = blocks
  }

  func callAsFunction(_ images: Variable) -> Variable {
    let pooled = stem(images).maxPooled(PoolingParameters(kernelSize: 3, stride: 2, padding: 1))
    return blocks.reduce(pooled) { $1($0) }
  }
}

/// 1x1, 3x3 and 1x1 convolutions around which the input is added.
private final class Bottleneck: Module {
  private let conv1: FixedNormConvolution
  private let conv2: FixedNormConvolution
  private let conv3: FixedNormConvolution
  private let downsample: FixedNormConvolution?

  init(_ inputs: Int, _ width: Int, stride: Int, dilation: Int, seed: UInt64) {
    conv1 = FixedNormConvolution(inputs, width, kernel: 1, seed: seed)
    conv2 = FixedNormConvolution(
      width, width, kernel: 3, stride: stride, dilation: dilation, seed: seed + 1)
    conv3 = FixedNormConvolution(width, 4 * width, kernel: 1, seed: seed + 2)
    downsample =
      inputs == 4 * width
      ? nil : FixedNormConvolution(inputs, 4 * width, kernel: 1, stride: stride, seed: seed + 3)
  }

  func callAsFunction(_ input: Variable) -> Variable {
    let shortcut = downsample?(input, activation: .none) ?? input
    return conv3(conv2(conv1(input)), residual: shortcut)
  }
}

/// A convolution and a batch norm with fixed statistics.
private final class FixedNormConvolution: Module {
  private let weight: Parameter
  private let gamma: Parameter
  private let beta: Parameter
  private let mean: Tensor
  private let variance: Tensor
  private let parameters: Convolution2dParameters

  init(
    _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, dilation: Int = 1, seed: UInt64
  ) {
    // Kaiming's deviation keeps the magnitude from layer to layer.
    let bound = (6 / Float(inputs * kernel * kernel)).squareRoot()
    var generator = PhiloxGenerator(seed: seed)
    weight = Parameter(
      generator.uniform(shape: [kernel, kernel, inputs, outputs], in: -bound..<bound))
    gamma = Parameter(generator.uniform(shape: [outputs], in: 0.5..<1))
    beta = Parameter(generator.uniform(shape: [outputs], in: -0.1..<0.1))
    mean = generator.uniform(shape: [outputs], in: -0.1..<0.1)
    variance = generator.uniform(shape: [outputs], in: 0.5..<1.5)
    parameters = Convolution2dParameters(
      stride: stride, padding: Padding2d(kernel / 2 * dilation), dilation: dilation)
  }

  func callAsFunction(
    _ input: Variable, activation: FusedActivation = .relu, residual: Variable? = nil
  ) -> Variable {
    input.convolution2dBatchNorm(
      weight, gamma: gamma, beta: beta, mean: mean, variance: variance, parameters,
      activation: activation, residual: residual)
  }
}

extension Benchmark {
  /// Inference and training steps of `ResNet50Stack` on 512 x 512 images.
  static var resNet50: [Benchmark] {
    let forward = [1, 4].map { batch in
      Benchmark(
        "resnet50/forward, batch \(batch)", work: .items(Double(batch), unit: "images")
      ) {
        let stack = ResNet50Stack()
        let images = random([batch, 512, 512, 3], 1)
        return { _ = withoutGradients { stack(Variable(images)) } }
      }
    }
    let training = [2, 4].map { batch in
      Benchmark(
        "resnet50/training step, batch \(batch)", work: .items(Double(batch), unit: "images")
      ) {
        let stack = ResNet50Stack()
        let optimizer = SGD(
          [ParameterGroup(stack.namedParameters, learningRate: 1e-6)], momentum: 0.9)
        let images = random([batch, 512, 512, 3], 1)
        let upstream = random([batch, 32, 32, 2048], 2)
        return {
          optimizer.zeroGradients()
          stack(Variable(images)).backward(with: upstream)
          optimizer.step()
        }
      }
    }
    return forward + training
  }
}
