internal import Autograd
internal import Tensor

/// Two 3x3 convolutions, each behind a norm and a ReLU, and a shortcut.
final class WideBlock: Module {
  private let bnBranch2a: BatchNorm2d
  private let convBranch2a: Convolution2d
  private let bnBranch2b1: BatchNorm2d
  private let convBranch2b1: Convolution2d
  private let convBranch1: Convolution2d?

  init(
    inChannels: Int, midChannels: Int, outChannels: Int, stride: Int, firstDilation: Int,
    dilation: Int, using generator: inout PhiloxGenerator
  ) {
    bnBranch2a = BatchNorm2d(channels: inChannels)
    convBranch2a = Convolution2d(
      inChannels: inChannels, outChannels: midChannels, kernelSize: 3, stride: stride,
      padding: .zeros(firstDilation), dilation: firstDilation, initialization: .kaimingNormal,
      using: &generator)
    bnBranch2b1 = BatchNorm2d(channels: midChannels)
    convBranch2b1 = Convolution2d(
      inChannels: midChannels, outChannels: outChannels, kernelSize: 3, padding: .zeros(dilation),
      dilation: dilation, initialization: .kaimingNormal, using: &generator)
    convBranch1 =
      inChannels == outChannels && stride == 1
      ? nil
      : Convolution2d(
        inChannels: inChannels, outChannels: outChannels, kernelSize: 1, stride: stride,
        initialization: .kaimingNormal, using: &generator)
  }

  /// The block's sum, and the input normalised and rectified.
  func callAsFunction(_ input: Variable) -> (output: Variable, rectified: Variable) {
    let rectified = bnBranch2a(input).activated(.relu)
    let inner = convBranch2a(rectified, norm: bnBranch2b1, activation: .relu)
    let shortcut = convBranch1?(rectified) ?? input
    return (convBranch2b1(inner, norm: nil, residual: shortcut), rectified)
  }
}

/// 1x1, 3x3 and 1x1 convolutions, each behind a norm and a ReLU, with dropout and a shortcut.
final class WideBottleneck: Module {
  private let bnBranch2a: BatchNorm2d
  private let convBranch2a: Convolution2d
  private let bnBranch2b1: BatchNorm2d
  private let dropout2b1: ChannelDropout
  private let convBranch2b1: Convolution2d
  private let bnBranch2b2: BatchNorm2d
  private let dropout2b2: ChannelDropout
  private let convBranch2b2: Convolution2d
  private let convBranch1: Convolution2d

  init(
    inChannels: Int, outChannels: Int, dilation: Int, dropout: Float, random: RandomSource,
    using generator: inout PhiloxGenerator
  ) {
    bnBranch2a = BatchNorm2d(channels: inChannels)
    convBranch2a = Convolution2d(
      inChannels: inChannels, outChannels: outChannels / 4, kernelSize: 1,
      initialization: .kaimingNormal, using: &generator)
    bnBranch2b1 = BatchNorm2d(channels: outChannels / 4)
    dropout2b1 = ChannelDropout(rate: dropout, random: random)
    convBranch2b1 = Convolution2d(
      inChannels: outChannels / 4, outChannels: outChannels / 2, kernelSize: 3,
      padding: .zeros(dilation), dilation: dilation, initialization: .kaimingNormal,
      using: &generator)
    bnBranch2b2 = BatchNorm2d(channels: outChannels / 2)
    dropout2b2 = ChannelDropout(rate: dropout, random: random)
    convBranch2b2 = Convolution2d(
      inChannels: outChannels / 2, outChannels: outChannels, kernelSize: 1,
      initialization: .kaimingNormal, using: &generator)
    convBranch1 = Convolution2d(
      inChannels: inChannels, outChannels: outChannels, kernelSize: 1,
      initialization: .kaimingNormal, using: &generator)
  }

  /// The block's sum, and the input normalised and rectified.
  func callAsFunction(_ input: Variable) -> (output: Variable, rectified: Variable) {
    let rectified = bnBranch2a(input).activated(.relu)
    let narrow = dropout2b1(convBranch2a(rectified, norm: bnBranch2b1, activation: .relu))
    let inner = dropout2b2(convBranch2b1(narrow, norm: bnBranch2b2, activation: .relu))
    let shortcut = convBranch1(rectified)
    return (convBranch2b2(inner, norm: nil, residual: shortcut), rectified)
  }
}
