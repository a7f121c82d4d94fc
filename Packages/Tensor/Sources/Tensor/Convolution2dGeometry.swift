/// All sizes of one 2-d convolution, checked.
package struct Convolution2dGeometry: Hashable, Sendable {
  package let batch: Int
  package let inHeight: Int
  package let inWidth: Int
  package let inChannels: Int
  package let outHeight: Int
  package let outWidth: Int
  package let outChannels: Int
  package let kernelHeight: Int
  package let kernelWidth: Int
  package let parameters: Convolution2dParameters

  /// The sizes of a convolution of `input`, `[N, H, W, C]`, with `weight`,
  /// `[KH, KW, C / groups, O]`.
  package init(
    _ operation: String, input: Shape, weight: Shape, _ parameters: Convolution2dParameters
  ) {
    let rule: String? =
      if input.rank != 4 {
        "the input must be [N, H, W, C]"
      } else if weight.rank != 4 || weight.elementCount == 0 {
        "the weight must be [KH, KW, C / groups, O], none of them 0"
      } else if input[3] != weight[2] * parameters.groups {
        "input channels must be the weight's third size times \(parameters.groups) groups"
      } else if weight[3] % parameters.groups != 0 {
        "output channels must divide into \(parameters.groups) groups"
      } else {
        nil
      }
    check(rule == nil, "\(operation): input \(input), weight \(weight): \(rule ?? "")")
    self.parameters = parameters
    (batch, inHeight, inWidth, inChannels) = (input[0], input[1], input[2], input[3])
    (kernelHeight, kernelWidth, outChannels) = (weight[0], weight[1], weight[3])
    func outputs(_ size: Int, _ kernel: Int, _ padding: Int) -> Int {
      let room = size + padding - (kernel - 1) * parameters.dilation - 1
      return room < 0 ? 0 : room / parameters.stride + 1
    }
    outHeight = outputs(inHeight, kernelHeight, parameters.padding.top + parameters.padding.bottom)
    outWidth = outputs(inWidth, kernelWidth, parameters.padding.left + parameters.padding.right)
    check(
      inHeight > 0 && inWidth > 0 && outHeight > 0 && outWidth > 0,
      "\(operation): input \(input), weight \(weight): the kernel, dilated by "
        + "\(parameters.dilation), must fit into the padded image")
  }

  package var inputShape: Shape { [batch, inHeight, inWidth, inChannels] }
  package var outputShape: Shape { [batch, outHeight, outWidth, outChannels] }
  package var weightShape: Shape {
    [kernelHeight, kernelWidth, inChannels / parameters.groups, outChannels]
  }

  /// Multiplications and additions of one pass, for benchmarks.
  package var operations: Int {
    2 * outputShape.elementCount * kernelHeight * kernelWidth * inChannels / parameters.groups
  }

  /// Whether the padding reaches further than the kernel or than the image, so that windows or
  /// whole taps of the kernel touch no pixel.
  var hasWidePadding: Bool {
    let padding = parameters.padding
    func isWide(_ before: Int, _ after: Int, _ size: Int, _ kernel: Int) -> Bool {
      let widest = Swift.max(before, after)
      return widest > (kernel - 1) * parameters.dilation || widest >= size
    }
    return isWide(padding.top, padding.bottom, inHeight, kernelHeight)
      || isWide(padding.left, padding.right, inWidth, kernelWidth)
  }
}
