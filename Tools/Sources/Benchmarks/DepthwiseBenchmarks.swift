internal import COneDNN
internal import Tensor

extension Benchmark {
  /// The depthwise convolutions of EfficientNet-Lite0 on 224 x 224 images and of a separable
  /// DeepLab-v3+ on it, each beside oneDNN's bare primitive on weights in its own layout.
  static var depthwise: [Benchmark] {
    let layers = [
      (112, 32, 3, 1), (112, 96, 3, 2), (56, 144, 3, 1), (56, 144, 5, 2), (28, 240, 5, 1),
      (28, 240, 3, 2), (14, 480, 3, 1), (14, 480, 5, 1), (14, 672, 5, 1), (14, 672, 5, 2),
      (7, 1152, 5, 1), (7, 1152, 3, 1),
    ].map { size, channels, kernel, stride in
      ConvolutionLayer(
        network: "Lite0", batch: 16, size: size, inputs: channels, outputs: channels,
        kernel: kernel, stride: stride, groups: channels)
    }
    let dilated = [(1152, 2), (1280, 6), (1280, 12), (1280, 18)].map { channels, dilation in
      ConvolutionLayer(
        network: "DeepLab", batch: 10, size: 20, inputs: channels, outputs: channels, kernel: 3,
        dilation: dilation, groups: channels)
    }
    return (layers + dilated).flatMap { layer in
      let kinds = [onednn_forward, onednn_input_gradient, onednn_weight_gradient]
      return zip(layer.benchmarks(suite: "depthwise"), kinds).flatMap { ours, kind in
        [
          ours,
          Benchmark("\(ours.name), bare oneDNN", work: ours.work) {
            let primitive = BarePrimitive(layer, kind)
            return { primitive.execute() }
          },
        ]
      }
    }
  }
}

/// A oneDNN primitive with tensors of its own, to see what our call costs beside it.
@safe private final class BarePrimitive {
  private let primitive: OpaquePointer
  private var input: Tensor
  private var weight: Tensor
  private var bias: Tensor
  private var output: Tensor
  private var scratch: Tensor

  init(_ layer: ConvolutionLayer, _ kind: onednn_convolution_kind) {
    let padding = layer.parameters.padding
    var shape = onednn_convolution_shape()
    shape.kind = kind
    (shape.batch, shape.groups) = (Int64(layer.batch), Int64(layer.groups))
    (shape.in_height, shape.in_width) = (Int64(layer.size), Int64(layer.size))
    (shape.out_height, shape.out_width) = (Int64(layer.outputSize), Int64(layer.outputSize))
    (shape.in_channels, shape.out_channels) = (Int64(layer.inputs), Int64(layer.outputs))
    (shape.kernel_height, shape.kernel_width) = (Int64(layer.kernel), Int64(layer.kernel))
    (shape.stride, shape.dilation) = (Int64(layer.stride), Int64(layer.dilation))
    (shape.top, shape.left) = (Int64(padding.top), Int64(padding.left))
    (shape.bottom, shape.right) = (Int64(padding.bottom), Int64(padding.right))
    shape.bias = kind != onednn_input_gradient
    shape.activation = kind == onednn_forward ? onednn_activation_relu : onednn_activation_none
    // One call of ours first: it tells OpenMP the number of threads.
    _ = Tensor.zeros([1, 1, 1, 1]).convolution2d(.zeros([1, 1, 1, 1]))
    guard let primitive = unsafe onednn_convolution_create(&shape, nil) else {
      fatalError("oneDNN cannot compile \(layer.name)")
    }
    unsafe self.primitive = primitive
    func memory(_ bytes: Int) -> Tensor { random([(bytes + 3) / 4], 1) }
    input = random(layer.inputShape, 2)
    output = random(layer.outputShape, 3)
    bias = random([layer.outputs], 4)
    weight = unsafe memory(
      max(onednn_convolution_packed_bytes(primitive), layer.weightShape.elementCount * 4))
    scratch = unsafe memory(onednn_convolution_scratch_bytes(primitive))
  }

  deinit { unsafe onednn_convolution_destroy(primitive) }

  func execute() {
    // Safe: every tensor has the size the primitive asked for and is this object's alone.
    unsafe input.withUnsafeMutableScalars { input in
      unsafe output.withUnsafeMutableScalars { output in
        unsafe weight.withUnsafeMutableScalars { weight in
          unsafe bias.withUnsafeMutableScalars { bias in
            unsafe scratch.withUnsafeMutableScalars { scratch in
              var memory = unsafe onednn_convolution_memory(
                input: input.baseAddress, weight: weight.baseAddress, bias: bias.baseAddress,
                residual: nil, output: output.baseAddress, scratch: scratch.baseAddress)
              guard unsafe onednn_convolution_execute(primitive, &memory) else {
                fatalError("oneDNN failed")
              }
            }
          }
        }
      }
    }
  }
}
