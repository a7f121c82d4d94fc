internal import Autograd
internal import Tensor

/// A narrow image widened, filtered channel by channel and made narrow again, with a shortcut
/// between the narrow ends. Sandler et al., 2018 (https://arxiv.org/abs/1801.04381).
final class InvertedResidual: Layer {
  private let _expandConv: Convolution2d?
  private let _bn0: BatchNorm2d?
  private let _depthwiseConv: Convolution2d
  private let _bn1: BatchNorm2d
  private let _projectConv: Convolution2d
  private let _bn2: BatchNorm2d
  private let hasShortcut: Bool

  init(
    inChannels: Int, outChannels: Int, kernelSize: Int, stride: Int, dilation: Int, expansion: Int,
    using generator: inout PhiloxGenerator
  ) {
    let wide = inChannels * expansion
    func norm(_ channels: Int) -> BatchNorm2d {
      BatchNorm2d(channels: channels, epsilon: 1e-3, momentum: 0.01)
    }
    _expandConv =
      expansion == 1
      ? nil
      : Convolution2d(
        inChannels: inChannels, outChannels: wide, kernelSize: 1, initialization: .kaimingNormal,
        using: &generator)
    _bn0 = expansion == 1 ? nil : norm(wide)
    _depthwiseConv = Convolution2d(
      inChannels: wide, outChannels: wide, kernelSize: kernelSize, stride: stride, padding: .same,
      dilation: dilation, groups: wide, initialization: .kaimingNormal, using: &generator)
    _bn1 = norm(wide)
    _projectConv = Convolution2d(
      inChannels: wide, outChannels: outChannels, kernelSize: 1, initialization: .kaimingNormal,
      using: &generator)
    _bn2 = norm(outChannels)
    hasShortcut = stride == 1 && inChannels == outChannels
  }

  func callAsFunction(_ input: Variable) -> Variable {
    let wide = _expandConv.map { $0(input, norm: _bn0, activation: .relu6) } ?? input
    let filtered = _depthwiseConv(wide, norm: _bn1, activation: .relu6)
    return _projectConv(filtered, norm: _bn2, residual: hasShortcut ? input : nil)
  }
}
