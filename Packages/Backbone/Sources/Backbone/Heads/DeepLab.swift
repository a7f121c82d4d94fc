public import Autograd
public import Tensor

/// DeepLab-LargeFOV (v1): a widely dilated 3x3 convolution, a 1x1 and the classifier.
///
/// Chen et al., 2014 (https://arxiv.org/abs/1412.7062), as published WSSS code puts it on
/// ResNet-38, with those names.
public final class DeepLabLargeFOV: SegmentationHead {
  private let convFOV: Convolution2d
  private let bnFOV: BatchNorm2d
  private let convFOV2: Convolution2d
  private let bnFOV2: BatchNorm2d
  private let dropout1: Dropout
  private let clsConv: Convolution2d

  /// Creates a head with random weights.
  public init(
    inChannels: Int, classCount: Int, random: RandomSource, using generator: inout PhiloxGenerator
  ) {
    convFOV = Convolution2d(
      inChannels: inChannels, outChannels: 512, kernelSize: 3, padding: .zeros(12), dilation: 12,
      using: &generator)
    bnFOV = BatchNorm2d(channels: 512)
    convFOV2 = Convolution2d(
      inChannels: 512, outChannels: 512, kernelSize: 1, using: &generator)
    bnFOV2 = BatchNorm2d(channels: 512)
    dropout1 = Dropout(rate: 0.5, random: random)
    clsConv = Convolution2d(
      inChannels: 512, outChannels: classCount, kernelSize: 1, bias: true, using: &generator)
  }

  /// Scores at the last stage's resolution.
  public func callAsFunction(_ stages: [Variable]) -> Variable {
    let field = convFOV(stages[stages.count - 1], norm: bnFOV, activation: .relu)
    return clsConv(dropout1(convFOV2(field, norm: bnFOV2, activation: .relu)))
  }
}

/// DeepLab-v2: `SummedASPP` over the last stage.
///
/// Chen et al., 2016 (https://arxiv.org/abs/1606.00915).
public final class DeepLabV2: SegmentationHead {
  private let aspp: SummedASPP

  /// Creates a head with random weights.
  public init(inChannels: Int, classCount: Int, using generator: inout PhiloxGenerator) {
    aspp = SummedASPP(inChannels: inChannels, outChannels: classCount, using: &generator)
  }

  /// Scores at the last stage's resolution.
  public func callAsFunction(_ stages: [Variable]) -> Variable { aspp(stages[stages.count - 1]) }
}

/// DeepLab-v3+: pooling at several dilations over the last stage, decoded with the features of
/// stride 4.
///
/// Chen et al., 2018 (https://arxiv.org/abs/1802.02611); names as in torchvision's `ASPP`. Separable,
/// as section 3.1 has it, its 3x3 convolutions are a depthwise and a 1x1 one: an eighth of the work.
public final class DeepLabV3Plus: SegmentationHead {
  private let project: Sequential
  private let aspp: PyramidPooling
  private let classifier: Sequential
  private let fine: Int
  /// The stage of stride 4.
  public var scoreStage: Int? { fine }

  /// Creates a head with random weights.
  ///
  /// - Parameters:
  ///   - channels: The backbone's `stageChannels`.
  ///   - strides: The backbone's `stageStrides`; one is 4.
  ///   - classCount: Classes, background included.
  ///   - isSeparable: Whether its 3x3 convolutions are depthwise separable.
  ///   - random: Drawn from by dropout.
  ///   - generator: Draws the weights.
  public init(
    channels: [Int], strides: [Int], classCount: Int, isSeparable: Bool = false,
    random: RandomSource, using generator: inout PhiloxGenerator
  ) {
    check(
      channels.count == strides.count && strides.contains(4),
      "DeepLabV3Plus: channels \(channels) at strides \(strides), expected one stage at stride 4")
    fine = strides.lastIndex(of: 4) ?? 0
    project = normed(channels[fine], 48, using: &generator)
    aspp = PyramidPooling(
      inChannels: channels[channels.count - 1],
      dilations: strides[strides.count - 1] == 8 ? [12, 24, 36] : [6, 12, 18],
      isSeparable: isSeparable, random: random, using: &generator)
    classifier = Sequential(
      normed(304, 256, kernelSize: 3, isSeparable: isSeparable, using: &generator).layers + [
        Convolution2d(
          inChannels: 256, outChannels: classCount, kernelSize: 1, bias: true, using: &generator)
      ])
  }

  /// Scores at stride 4.
  public func callAsFunction(_ stages: [Variable]) -> Variable {
    let low = project(stages[fine])
    let high = aspp(stages[stages.count - 1])
    return classifier(.joining([low, high.scaled(like: low)]))
  }
}

/// Atrous spatial pyramid pooling: 1x1, three dilated 3x3 and the image's mean, joined.
///
/// Chen et al., 2017 (https://arxiv.org/abs/1706.05587).
final class PyramidPooling: Layer {
  private let convs: [Sequential]
  private let project: Sequential

  init(
    inChannels: Int, dilations: [Int], isSeparable: Bool, random: RandomSource,
    using generator: inout PhiloxGenerator
  ) {
    let branches =
      [normed(inChannels, 256, using: &generator)]
      + dilations.map {
        normed(
          inChannels, 256, kernelSize: 3, dilation: $0, isSeparable: isSeparable, using: &generator)
      }
    let mean = Sequential(
      [GlobalAveragePool2d()] + normed(inChannels, 256, using: &generator).layers)
    convs = branches + [mean]
    project = Sequential(
      normed(256 * convs.count, 256, using: &generator).layers + [
        Dropout(rate: 0.5, random: random)
      ])
  }

  func callAsFunction(_ input: Variable) -> Variable {
    project(.joining(convs.map { $0(input).scaled(like: input) }))
  }
}

/// A convolution that keeps the size, a norm and a ReLU; separable: a depthwise one first, with its
/// own.
private func normed(
  _ inChannels: Int, _ outChannels: Int, kernelSize: Int = 1, dilation: Int = 1,
  isSeparable: Bool = false, using generator: inout PhiloxGenerator
) -> Sequential {
  let first = Sequential(
    Convolution2d(
      inChannels: inChannels, outChannels: isSeparable ? inChannels : outChannels,
      kernelSize: kernelSize, padding: .zeros(kernelSize / 2 * dilation), dilation: dilation,
      groups: isSeparable ? inChannels : 1, using: &generator),
    BatchNorm2d(channels: isSeparable ? inChannels : outChannels), Activation(.relu))
  guard isSeparable else { return first }
  return Sequential(first.layers + normed(inChannels, outChannels, using: &generator).layers)
}
