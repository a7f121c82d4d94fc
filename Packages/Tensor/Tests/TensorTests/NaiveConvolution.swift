import Tensor

/// A 2-d convolution and its adjoints as plain loops in Double, to compare kernels with.
struct NaiveConvolution {
  let input: Tensor
  let weight: Tensor
  let parameters: Convolution2dParameters
  let outputShape: Shape

  init(_ input: Tensor, _ weight: Tensor, _ parameters: Convolution2dParameters) {
    self.input = input
    self.weight = weight
    self.parameters = parameters
    let padding = parameters.padding
    func outputs(_ size: Int, _ kernel: Int) -> Int {
      (size - (kernel - 1) * parameters.dilation - 1) / parameters.stride + 1
    }
    outputShape = [
      input.shape[0],
      outputs(input.shape[1] + padding.top + padding.bottom, weight.shape[0]),
      outputs(input.shape[2] + padding.left + padding.right, weight.shape[1]),
      weight.shape[3],
    ]
  }

  /// Calls `body` with the offsets of every product the convolution sums up.
  func forEachProduct(_ body: (_ input: Int, _ weight: Int, _ output: Int) -> Void) {
    let (height, width, channels) = (input.shape[1], input.shape[2], input.shape[3])
    let (kernelHeight, kernelWidth, groupInputs) = (
      weight.shape[0], weight.shape[1], weight.shape[2]
    )
    let (outHeight, outWidth, outputs) = (outputShape[1], outputShape[2], outputShape[3])
    let groupOutputs = outputs / parameters.groups
    for image in 0..<input.shape[0] {
      for (row, column) in pairs(outHeight, outWidth) {
        for (tapRow, tapColumn) in pairs(kernelHeight, kernelWidth) {
          let y =
            row * parameters.stride + tapRow * parameters.dilation - parameters.padding.top
          let x =
            column * parameters.stride + tapColumn * parameters.dilation - parameters.padding.left
          guard y >= 0, y < height, x >= 0, x < width else { continue }
          for (output, channel) in pairs(outputs, groupInputs) {
            let source = (output / groupOutputs) * groupInputs + channel
            body(
              ((image * height + y) * width + x) * channels + source,
              ((tapRow * kernelWidth + tapColumn) * groupInputs + channel) * outputs + output,
              ((image * outHeight + row) * outWidth + column) * outputs + output)
          }
        }
      }
    }
  }

  func forward(bias: Tensor?, residual: Tensor?, activation: FusedActivation) -> Tensor {
    let (input, weight) = (input.scalars, weight.scalars)
    var sums = [Double](repeating: 0, count: outputShape.elementCount)
    forEachProduct { sums[$2] += Double(input[$0]) * Double(weight[$1]) }
    let biases = bias?.scalars
    let residuals = residual?.scalars
    for index in sums.indices {
      if let biases { sums[index] += Double(biases[index % biases.count]) }
      if let residuals { sums[index] += Double(residuals[index]) }
      switch activation {
      case .none: break
      case .relu: sums[index] = max(sums[index], 0)
      case .relu6: sums[index] = min(max(sums[index], 0), 6)
      }
    }
    return Tensor(sums.map(Float.init), shape: outputShape)
  }

  func gradients(_ upstream: Tensor) -> (input: Tensor, weight: Tensor, bias: Tensor) {
    let (inputs, weights, upstreams) = (input.scalars, weight.scalars, upstream.scalars)
    var inputSums = [Double](repeating: 0, count: inputs.count)
    var weightSums = [Double](repeating: 0, count: weights.count)
    forEachProduct {
      inputSums[$0] += Double(weights[$1]) * Double(upstreams[$2])
      weightSums[$1] += Double(inputs[$0]) * Double(upstreams[$2])
    }
    var biasSums = [Double](repeating: 0, count: outputShape[3])
    for (index, value) in upstreams.enumerated() {
      biasSums[index % biasSums.count] += Double(value)
    }
    return (
      Tensor(inputSums.map(Float.init), shape: input.shape),
      Tensor(weightSums.map(Float.init), shape: weight.shape), Tensor(biasSums.map(Float.init))
    )
  }
}

private func pairs(_ rows: Int, _ columns: Int) -> some Sequence<(Int, Int)> {
  (0..<rows).lazy.flatMap { row in (0..<columns).lazy.map { (row, $0) } }
}
