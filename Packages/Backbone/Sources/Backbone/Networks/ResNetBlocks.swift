internal import Autograd
internal import Tensor

/// Two 3x3 convolutions and a shortcut.
final class BasicBlock: Layer {
  private let conv1: Convolution2d
  private let bn1: BatchNorm2d
  private let conv2: Convolution2d
  private let bn2: BatchNorm2d
  private let downsample: Sequential?

  init(
    inChannels: Int, outChannels: Int, stride: Int, dilation: Int,
    using generator: inout PhiloxGenerator
  ) {
    conv1 = Convolution2d(
      inChannels: inChannels, outChannels: outChannels, kernelSize: 3, stride: stride,
      padding: .zeros(dilation), dilation: dilation, initialization: .kaimingNormal,
      using: &generator)
    bn1 = BatchNorm2d(channels: outChannels)
    conv2 = Convolution2d(
      inChannels: outChannels, outChannels: outChannels, kernelSize: 3, padding: .zeros(dilation),
      dilation: dilation, initialization: .kaimingNormal, using: &generator)
    bn2 = BatchNorm2d(channels: outChannels)
    downsample = shortcut(inChannels, outChannels, stride, using: &generator)
  }

  func callAsFunction(_ input: Variable) -> Variable {
    let inner = conv1(input, norm: bn1, activation: .relu)
    return conv2(inner, norm: bn2, activation: .relu, residual: downsample?(input) ?? input)
  }
}

/// 1x1, 3x3 and 1x1 convolutions, the last to four times the channels, and a shortcut.
final class Bottleneck: Layer {
  private let conv1: Convolution2d
  private let bn1: BatchNorm2d
  private let conv2: Convolution2d
  private let bn2: BatchNorm2d
  private let conv3: Convolution2d
  private let bn3: BatchNorm2d
  private let downsample: Sequential?

  init(
    inChannels: Int, width: Int, stride: Int, dilation: Int, using generator: inout PhiloxGenerator
  ) {
    conv1 = Convolution2d(
      inChannels: inChannels, outChannels: width, kernelSize: 1, initialization: .kaimingNormal,
      using: &generator)
    bn1 = BatchNorm2d(channels: width)
    conv2 = Convolution2d(
      inChannels: width, outChannels: width, kernelSize: 3, stride: stride,
      padding: .zeros(dilation), dilation: dilation, initialization: .kaimingNormal,
      using: &generator)
    bn2 = BatchNorm2d(channels: width)
    conv3 = Convolution2d(
      inChannels: width, outChannels: 4 * width, kernelSize: 1, initialization: .kaimingNormal,
      using: &generator)
    bn3 = BatchNorm2d(channels: 4 * width)
    downsample = shortcut(inChannels, 4 * width, stride, using: &generator)
  }

  func callAsFunction(_ input: Variable) -> Variable {
    let narrow = conv1(input, norm: bn1, activation: .relu)
    let inner = conv2(narrow, norm: bn2, activation: .relu)
    return conv3(inner, norm: bn3, activation: .relu, residual: downsample?(input) ?? input)
  }
}

/// A 1x1 convolution where a block changes size or channels; `nil` where it does not.
private func shortcut(
  _ inChannels: Int, _ outChannels: Int, _ stride: Int, using generator: inout PhiloxGenerator
) -> Sequential? {
  if inChannels == outChannels && stride == 1 { return nil }
  return Sequential(
    Convolution2d(
      inChannels: inChannels, outChannels: outChannels, kernelSize: 1, stride: stride,
      initialization: .kaimingNormal, using: &generator),
    BatchNorm2d(channels: outChannels))
}
