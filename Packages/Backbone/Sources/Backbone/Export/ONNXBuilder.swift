internal import Autograd
internal import Tensor

/// Turns the steps of a trace into ONNX nodes, images `[N, H, W, C]` into `[N, C, H, W]`.
struct ONNXBuilder {
  private(set) var graph = ONNXGraph()
  private let trace: Trace
  private var values: [ObjectIdentifier: String] = [:]

  init(_ trace: Trace) { self.trace = trace }

  mutating func addInput(_ name: String, _ variable: Variable) {
    values[ObjectIdentifier(variable)] = name
    graph.addInput(name, Self.dimensions(name, variable.shape))
  }

  mutating func addOutput(_ name: String, _ variable: Variable) throws(ONNXError) {
    graph.addOutput(
      name, of: try value(variable, "output '\(name)'"), Self.dimensions(name, variable.shape))
  }

  /// `[N, C, H, W]` or `[N, C]`, where channels alone are known.
  private static func dimensions(_ name: String, _ shape: Shape) -> [ONNXGraph.Dimension] {
    let sizes: [ONNXGraph.Dimension] =
      shape.rank == 4 ? [.named("\(name)_height"), .named("\(name)_width")] : []
    return [.named("batch"), .fixed(shape[-1])] + sizes
  }

  private func value(_ variable: Variable, _ user: String) throws(ONNXError) -> String {
    guard let name = values[ObjectIdentifier(variable)] else {
      throw ONNXError("\(user) takes a value that none of the network's layers made")
    }
    return name
  }

  mutating func add(_ step: Trace.Step) throws(ONNXError) {
    var inputs: [String] = []
    for input in step.inputs { inputs.append(try value(input, step.operation.title)) }
    values[ObjectIdentifier(step.output)] = try output(step, inputs)
  }

  private mutating func output(
    _ step: Trace.Step, _ inputs: [String]
  ) throws(ONNXError) -> String {
    let input = inputs[0]
    switch step.operation {
    case .convolution(let layer, let norm, let parameters, let activation):
      var result = convolution(layer, norm, parameters, input)
      if inputs.count > 1 { result = graph.add("Add", trace.name(layer), [result, inputs[1]]) }
      return activated(result, activation, trace.name(layer))
    case .batchNorm(let layer): return batchNorm(layer, input)
    case .groupNorm(let layer): return groupNorm(layer, input)
    case .linear(let layer): return try linear(layer, input, rank: step.output.shape.rank)
    case .activation(let activation): return activated(input, activation, "")
    case .maxPool(let windows):
      return graph.add(
        "MaxPool", "", [input],
        [
          "kernel_shape": .ints([windows.kernelSize, windows.kernelSize]),
          "strides": .ints([windows.stride, windows.stride]),
          "pads": .ints([Int](repeating: windows.padding, count: 4)),
          "ceil_mode": .int(windows.ceilMode ? 1 : 0),
        ])
    case .averagePool(let windows):
      guard !windows.ceilMode else {
        throw ONNXError("average pooling over windows that do not fit divides differently there")
      }
      return graph.add(
        "AveragePool", "", [input],
        [
          "kernel_shape": .ints([windows.kernelSize, windows.kernelSize]),
          "strides": .ints([windows.stride, windows.stride]),
          "pads": .ints([Int](repeating: windows.padding, count: 4)),
          "count_include_pad": .int(windows.countsPadding ? 1 : 0),
        ])
    case .globalAveragePool: return graph.add("GlobalAveragePool", "", [input])
    case .resize(let mode): return resized(input, like: inputs[1], mode)
    case .upsample(let factor, let mode):
      let scale = Float(factor)
      let scales = graph.constant("scales_\(factor)", Tensor([1, 1, scale, scale]))
      return resize([input, "", scales], mode)
    case .add: return graph.add("Add", "", inputs)
    case .multiply: return graph.add("Mul", "", inputs)
    case .subtract(let mean):
      let value = mean.value.reshaped(1, -1, 1, 1)
      return graph.add("Sub", "", [input, graph.constant("mean_shift", value)])
    case .concatenate: return graph.add("Concat", "", inputs, ["axis": .int(1)])
    case .crop:
      let ends = graph.add("Shape", "", [inputs[1]], ["start": .int(2)])
      return graph.add(
        "Slice", "", [input, graph.constant([0, 0]), ends, graph.constant([2, 3])])
    case .flatten: return graph.add("Flatten", "", [input], ["axis": .int(1)])
    case .unflatten: return graph.add("Unsqueeze", "", [input, graph.constant([2, 3])])
    case .elu: return graph.add("Elu", "", [input])
    case .identity: return input
    case .thresholdedAveragePool(let theta): return thresholdedMean(input, theta)
    case .spread: return spread(maps: input, features: inputs[1])
    }
  }

  private mutating func convolution(
    _ layer: Convolution2d, _ norm: BatchNorm2d?, _ parameters: Convolution2dParameters,
    _ input: String
  ) -> String {
    let name = trace.name(layer)
    var (weight, bias) = (layer.weight.value, layer.bias?.value)
    if let norm {
      let folded = FoldedBatchNorm(
        gamma: norm.weight.value, beta: norm.bias.value, mean: norm.runningMean.value,
        variance: norm.runningVar.value, epsilon: norm.epsilon)
      (weight, bias) = (folded.fold(weight), folded.bias)
    }
    let padding = parameters.padding
    // What SAME adds depends on the image's size where the kernel steps; elsewhere it does not.
    let border: (String, ONNXNode.Attribute) =
      layer.padding == .same && layer.stride > 1 && layer.dilation == 1
      ? ("auto_pad", .string("SAME_UPPER"))
      : ("pads", .ints([padding.top, padding.left, padding.bottom, padding.right]))
    var inputs = [input, graph.constant("\(name).weight", weight.transposed([3, 2, 0, 1]))]
    if let bias { inputs.append(graph.constant("\(name).bias", bias)) }
    return graph.add(
      "Conv", name, inputs,
      [
        "kernel_shape": .ints([weight.shape[0], weight.shape[1]]),
        "strides": .ints([layer.stride, layer.stride]),
        "dilations": .ints([layer.dilation, layer.dilation]),
        "group": .int(layer.groups),
        border.0: border.1,
      ])
  }

  private mutating func batchNorm(_ layer: BatchNorm2d, _ input: String) -> String {
    let name = trace.name(layer)
    return graph.add(
      "BatchNormalization", name,
      [
        input, graph.constant("\(name).weight", layer.weight.value),
        graph.constant("\(name).bias", layer.bias.value),
        graph.constant("\(name).running_mean", layer.runningMean.value),
        graph.constant("\(name).running_var", layer.runningVar.value),
      ], ["epsilon": .float(layer.epsilon)])
  }

  /// Group norm has an operation of its own from opset 21 on; before, each group is an instance.
  private mutating func groupNorm(_ layer: GroupNorm, _ input: String) -> String {
    let name = trace.name(layer)
    let rows = graph.add("Reshape", name, [input, graph.constant([0, layer.groups, -1])])
    let normalized = graph.add(
      "InstanceNormalization", name,
      [
        rows, graph.constant("ones_\(layer.groups)", .ones([layer.groups])),
        graph.constant("zeros_\(layer.groups)", .zeros([layer.groups])),
      ], ["epsilon": .float(layer.epsilon)])
    let image = graph.add(
      "Reshape", name, [normalized, graph.add("Shape", name, [input])])
    let weight = graph.constant("\(name).weight", layer.weight.value.reshaped(1, -1, 1, 1))
    let bias = graph.constant("\(name).bias", layer.bias.value.reshaped(1, -1, 1, 1))
    return graph.add("Add", name, [graph.add("Mul", name, [image, weight]), bias])
  }

  private mutating func linear(
    _ layer: Linear, _ input: String, rank: Int
  ) throws(ONNXError) -> String {
    let name = trace.name(layer)
    let weight = layer.weight.value
    let bias = layer.bias.map { graph.constant("\(name).bias", $0.value) }
    switch rank {
    case 2:
      let inputs = [input, graph.constant("\(name).weight", weight)] + [bias].compactMap(\.self)
      return graph.add("Gemm", name, inputs, ["transB": .int(1)])
    case 4:
      let kernel = weight.reshaped(weight.shape[0], weight.shape[1], 1, 1)
      return graph.add(
        "Conv", name,
        [input, graph.constant("\(name).weight", kernel)] + [bias].compactMap(\.self))
    default:
      throw ONNXError("'\(name)' is a linear layer over \(rank) axes, expected [N, C] or an image")
    }
  }

  private mutating func activated(
    _ input: String, _ activation: FusedActivation, _ name: String
  ) -> String {
    switch activation {
    case .none: input
    case .relu: graph.add("Relu", name, [input])
    case .relu6:
      graph.add("Clip", name, [input, graph.constant(0), graph.constant(6)])
    }
  }

  private mutating func resized(
    _ input: String, like target: String, _ mode: ResizeMode
  ) -> String {
    let head = graph.add("Shape", "", [input], ["end": .int(2)])
    let size = graph.add("Shape", "", [target], ["start": .int(2)])
    let sizes = graph.add("Concat", "", [head, size], ["axis": .int(0)])
    return resize([input, "", "", sizes], mode)
  }

  private mutating func resize(_ inputs: [String], _ mode: ResizeMode) -> String {
    switch mode {
    case .nearest:
      graph.add(
        "Resize", "", inputs,
        [
          "mode": .string("nearest"), "nearest_mode": .string("floor"),
          "coordinate_transformation_mode": .string("asymmetric"),
        ])
    case .bilinear:
      graph.add(
        "Resize", "", inputs,
        ["mode": .string("linear"), "coordinate_transformation_mode": .string("half_pixel")])
    case .bilinearAlignedCorners:
      graph.add(
        "Resize", "", inputs,
        ["mode": .string("linear"), "coordinate_transformation_mode": .string("align_corners")])
    }
  }

  /// `Variable.thresholdedAveragePooled`.
  private mutating func thresholdedMean(_ input: String, _ theta: Float) -> String {
    let name = "thresholded_average_pool"
    let largest = graph.add("ReduceMax", name, [input], ["axes": .ints([2, 3])])
    let bounds = [theta, 1 / max(theta, 1e-6)].map {
      graph.add("Mul", name, [largest, graph.constant($0)])
    }
    let threshold = graph.add("Min", name, bounds)
    let isKept = graph.add("Greater", name, [input, threshold])
    let mask = graph.add("Cast", name, [isKept], ["to": .int(1)])
    func sum(_ value: String, _ graph: inout ONNXGraph) -> String {
      graph.add(
        "ReduceSum", name, [value, graph.constant([2, 3])], ["keepdims": .int(0)])
    }
    let count = graph.add("Max", name, [sum(mask, &graph), graph.constant(1)])
    let kept = graph.add("Mul", name, [input, mask])
    return graph.add("Div", name, [sum(kept, &graph), count])
  }

  /// `PCM.spread`, on rows `[N, C, pixels]`.
  private mutating func spread(maps: String, features: String) -> String {
    let name = "spread"
    let (asRows, small) = (graph.constant([0, 0, -1]), graph.constant(1e-5))
    let rows = graph.add("Reshape", name, [features, asRows])
    let lengths = graph.add("ReduceL2", name, [rows], ["axes": .ints([1])])
    let unit = graph.add("Div", name, [rows, graph.add("Add", name, [lengths, small])])
    let columns = graph.add("Transpose", name, [unit], ["perm": .ints([0, 2, 1])])
    let affinity = graph.add("Relu", name, [graph.add("MatMul", name, [columns, unit])])
    let sums = graph.add("ReduceSum", name, [affinity, graph.constant([1])])
    let shares = graph.add("Div", name, [affinity, graph.add("Add", name, [sums, small])])
    let result = graph.add("MatMul", name, [graph.add("Reshape", name, [maps, asRows]), shares])
    return graph.add("Reshape", name, [result, graph.add("Shape", name, [maps])])
  }
}
