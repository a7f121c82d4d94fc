import Tensor
import Testing

@Suite("oneDNN kernels")
struct ConvolutionKernelTests {
  /// A shape of ResNet-50, ResNet-38 or EfficientNet-Lite0.
  struct Layer: CustomStringConvertible {
    let size: Int
    let inputs: Int
    let outputs: Int
    let kernel: Int
    var stride = 1
    var dilation = 1
    var groups = 1

    var geometry: Convolution2dGeometry {
      let padding = Padding2d((kernel - 1) * dilation / 2)
      return Convolution2dGeometry(
        "test", input: [2, size, size, inputs], weight: [kernel, kernel, inputs / groups, outputs],
        Convolution2dParameters(
          stride: stride, padding: padding, dilation: dilation, groups: groups))
    }
    var description: String {
      "\(kernel)x\(kernel) \(inputs)->\(outputs) at \(size), stride \(stride), groups \(groups)"
    }
  }

  static let layers = [
    Layer(size: 128, inputs: 3, outputs: 64, kernel: 7, stride: 2),
    Layer(size: 32, inputs: 64, outputs: 256, kernel: 1),
    Layer(size: 32, inputs: 256, outputs: 64, kernel: 1),
    Layer(size: 32, inputs: 64, outputs: 64, kernel: 3),
    Layer(size: 32, inputs: 128, outputs: 128, kernel: 3, stride: 2),
    Layer(size: 32, inputs: 256, outputs: 512, kernel: 1, stride: 2),
    Layer(size: 16, inputs: 512, outputs: 512, kernel: 3, dilation: 2),
    Layer(size: 32, inputs: 3, outputs: 32, kernel: 3, stride: 2),
    Layer(size: 28, inputs: 32, outputs: 32, kernel: 3, groups: 32),
    Layer(size: 28, inputs: 144, outputs: 144, kernel: 3, stride: 2, groups: 144),
    Layer(size: 14, inputs: 240, outputs: 240, kernel: 5, groups: 240),
    Layer(size: 14, inputs: 480, outputs: 80, kernel: 1),
    Layer(size: 16, inputs: 512, outputs: 21, kernel: 1),
    Layer(size: 16, inputs: 17, outputs: 19, kernel: 3),
  ]

  // On a CPU without AVX2 oneDNN may have nothing faster for some shapes.
  @Test(
    "no slow reference kernel is used, whatever is fused", .enabled(if: isX86),
    arguments: layers)
  func implementations(layer: Layer) {
    var passes: [OneDNNConvolution.Pass] = [
      .inputGradient, .weightGradient(bias: false), .weightGradient(bias: true),
    ]
    for residual in [false, true] {
      for activation in [FusedActivation.none, .relu, .relu6] {
        passes += [true, false].map { .forward(bias: $0, residual: residual, activation) }
      }
    }
    for pass in passes {
      let name = OneDNNConvolution.cached(layer.geometry, pass).implementation
      #expect(!name.contains("ref"), "\(pass) uses \(name)")
    }
  }
}

private var isX86: Bool {
  #if arch(x86_64)
    true
  #else
    false
  #endif
}
