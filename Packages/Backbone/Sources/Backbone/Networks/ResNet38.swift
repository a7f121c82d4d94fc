public import Autograd
public import Tensor

/// The wide ResNet-38, "resnet38d" of PSA, SEAM and PPC, with the names of their files.
///
/// Wu, Shen and van den Hengel, 2016 (https://arxiv.org/abs/1611.10080): norm and ReLU come before
/// each convolution. Output stride 8; six stages, `b2` to `b7`.
public final class ResNet38: FeatureExtractor {
  private let conv1a: Convolution2d
  private let b2: WideBlock
  // swift-format-ignore: AlwaysUseLowerCamelCase (the names of the published files)
  private let b2_1, b2_2: WideBlock
  private let b3: WideBlock
  // swift-format-ignore: AlwaysUseLowerCamelCase
  private let b3_1, b3_2: WideBlock
  private let b4: WideBlock
  // swift-format-ignore: AlwaysUseLowerCamelCase
  private let b4_1, b4_2, b4_3, b4_4, b4_5: WideBlock
  private let b5: WideBlock
  // swift-format-ignore: AlwaysUseLowerCamelCase
  private let b5_1, b5_2: WideBlock
  private let b6: WideBottleneck
  private let b7: WideBottleneck
  private let bn7: BatchNorm2d

  /// Channels of each stage's output, first to last.
  public let stageChannels = [128, 256, 512, 1024, 2048, 4096]
  /// Image pixels a pixel of each stage's output.
  public let stageStrides = [2, 4, 8, 8, 8, 8]

  /// Creates a network with random weights.
  ///
  /// - Parameters:
  ///   - random: Drawn from by the two dropouts of `b6` and `b7`.
  ///   - generator: Draws the weights.
  public init(random: RandomSource, using generator: inout PhiloxGenerator) {
    conv1a = Convolution2d(
      inChannels: 3, outChannels: 64, kernelSize: 3, padding: .zeros(1),
      initialization: .kaimingNormal, using: &generator)
    func block(
      _ channels: (Int, Int, Int), stride: Int = 1, first: Int = 1, dilation: Int = 1
    ) -> WideBlock {
      WideBlock(
        inChannels: channels.0, midChannels: channels.1, outChannels: channels.2, stride: stride,
        firstDilation: first, dilation: dilation, using: &generator)
    }
    b2 = block((64, 128, 128), stride: 2)
    (b2_1, b2_2) = (block((128, 128, 128)), block((128, 128, 128)))
    b3 = block((128, 256, 256), stride: 2)
    (b3_1, b3_2) = (block((256, 256, 256)), block((256, 256, 256)))
    b4 = block((256, 512, 512), stride: 2)
    (b4_1, b4_2, b4_3) = (block((512, 512, 512)), block((512, 512, 512)), block((512, 512, 512)))
    (b4_4, b4_5) = (block((512, 512, 512)), block((512, 512, 512)))
    // The strides of these stages are dilations here; the first convolution sees what it always did.
    b5 = block((512, 512, 1024), dilation: 2)
    b5_1 = block((1024, 512, 1024), first: 2, dilation: 2)
    b5_2 = block((1024, 512, 1024), first: 2, dilation: 2)
    b6 = WideBottleneck(
      inChannels: 1024, outChannels: 2048, dilation: 4, dropout: 0.3, random: random,
      using: &generator)
    b7 = WideBottleneck(
      inChannels: 2048, outChannels: 4096, dilation: 4, dropout: 0.5, random: random,
      using: &generator)
    bn7 = BatchNorm2d(channels: 4096)
  }

  /// ImageNet's statistics.
  public var inputPreset: InputPreset { .imageNet }
  /// The classifiers' names in published files.
  public var classifierPrefixes: [String] { ["linear1000.", "fc8."] }
  /// The modules of each stage.
  public var stageModules: [[any Module]] {
    [
      [conv1a, b2, b2_1, b2_2], [b3, b3_1, b3_2], [b4, b4_1, b4_2, b4_3, b4_4, b4_5],
      [b5, b5_1, b5_2], [b6], [b7, bn7],
    ]
  }

  /// PSA's `conv4`, `conv5` and `conv6`.
  public var affinityStages: [Int] { [2, 3, 5] }

  /// The outputs of all stages. Those of `b4` and `b5` are what the first norm and ReLU after them
  /// make of them, as PSA's heads take them; the last is rectified, the others are plain sums.
  public func stages(_ image: Variable) -> [Variable] {
    checkImage(image)
    var x = conv1a(image)
    for block in [b2, b2_1, b2_2] { x = block(x).output }
    let second = x
    for block in [b3, b3_1, b3_2] { x = block(x).output }
    let third = x
    for block in [b4, b4_1, b4_2, b4_3, b4_4, b4_5] { x = block(x).output }
    let fourth: Variable
    (x, fourth) = b5(x)
    for block in [b5_1, b5_2] { x = block(x).output }
    let fifth: Variable
    (x, fifth) = b6(x)
    let sixth = x
    x = b7(x).output
    return [second, third, fourth, fifth, sixth, bn7(x).activated(.relu)]
  }
}
