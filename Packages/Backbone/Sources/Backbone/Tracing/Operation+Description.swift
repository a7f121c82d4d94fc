internal import Autograd
internal import Tensor

extension Trace.Operation {
  /// What ran, in a few words: `conv 3x3 /2, norm, relu6`.
  var title: String {
    switch self {
    case .convolution(let layer, let norm, _, let activation):
      Self.kernel(layer) + (norm == nil ? "" : ", norm") + Self.suffix(activation)
    case .batchNorm: "batch norm"
    case .groupNorm(let layer): "group norm \(layer.groups)"
    case .linear: "linear"
    case .activation(let activation): "\(activation)"
    case .maxPool(let windows): "max pool \(Self.windows(windows))"
    case .averagePool(let windows): "average pool \(Self.windows(windows))"
    case .globalAveragePool: "global average pool"
    case .resize, .upsample: "resize"
    case .add: "add"
    case .multiply: "multiply"
    case .subtract: "subtract"
    case .concatenate: "concatenate"
    case .crop: "crop"
    case .flatten, .unflatten: "reshape"
    case .elu: "elu"
    case .identity: "identity"
    case .thresholdedAveragePool: "thresholded average pool"
    case .spread: "spread by correlation"
    }
  }

  /// The modules that ran.
  var modules: [any Module] {
    switch self {
    case .convolution(let layer, let norm, _, _): [layer] + [norm].compactMap(\.self)
    case .batchNorm(let layer): [layer]
    case .groupNorm(let layer): [layer]
    case .linear(let layer): [layer]
    default: []
    }
  }

  /// Floating-point operations: 2 for a multiply-add, 1 an element for what is done element by
  /// element; what is fused into a convolution counts nothing.
  func operationCount(inputs: [Shape], output: Shape) -> Int {
    switch self {
    case .convolution(let layer, _, _, _):
      2 * output.elementCount * layer.weight.shape.dimensions.prefix(3).reduce(1, *)
    case .linear(let layer): 2 * output.elementCount * layer.weight.shape[1]
    case .maxPool(let windows), .averagePool(let windows):
      output.elementCount * windows.kernelSize * windows.kernelSize
    case .globalAveragePool, .thresholdedAveragePool: inputs[0].elementCount
    case .spread:
      // Two products over all pairs of an image's pixels.
      2 * output[0] * (output.pixels * output.pixels) * (inputs[0][3] + inputs[1][3])
    case .flatten, .unflatten, .identity, .crop, .concatenate: 0
    default: output.elementCount
    }
  }

  private static func kernel(_ layer: Convolution2d) -> String {
    let shape = layer.weight.shape
    var text = "conv \(shape[0])x\(shape[1])"
    if layer.stride > 1 { text += " /\(layer.stride)" }
    if layer.dilation > 1 { text += " dilation \(layer.dilation)" }
    if layer.groups > 1 {
      text += layer.groups == shape[3] ? " depthwise" : " groups \(layer.groups)"
    }
    return text
  }

  private static func suffix(_ activation: FusedActivation) -> String {
    activation == .none ? "" : ", \(activation)"
  }

  private static func windows(_ windows: PoolingParameters) -> String {
    "\(windows.kernelSize)x\(windows.kernelSize) /\(windows.stride)"
  }
}

extension Shape {
  fileprivate var pixels: Int { self[1] * self[2] }
}
