public import Autograd
public import Tensor

/// ResNet with torchvision's names, so that its files load unchanged.
///
/// He et al., 2015 (https://arxiv.org/abs/1512.03385), with the stride of a bottleneck in its 3x3
/// convolution as torchvision has it. Stage 1 is the stem with `layer1`.
public final class ResNet: ClassifierNetwork {
  /// Depth and width.
  public struct Architecture: Sendable, Hashable {
    /// Blocks of each stage.
    public let blocks: [Int]
    /// Channels inside the blocks of the first stage, doubled from stage to stage.
    public let width: Int
    /// Whether a block is 1x1, 3x3, 1x1 with four times the channels at its end, or two 3x3.
    public let isBottleneck: Bool

    /// Creates an architecture of four stages.
    public init(blocks: [Int], width: Int = 64, isBottleneck: Bool) {
      check(
        blocks.count == 4 && blocks.allSatisfy { $0 >= 1 } && width >= 1,
        "ResNet: blocks \(blocks) of width \(width), expected four stages of 1 or more")
      (self.blocks, self.width, self.isBottleneck) = (blocks, width, isBottleneck)
    }

    /// ResNet-18.
    public static let resnet18 = Architecture(blocks: [2, 2, 2, 2], isBottleneck: false)
    /// ResNet-34.
    public static let resnet34 = Architecture(blocks: [3, 4, 6, 3], isBottleneck: false)
    /// ResNet-50.
    public static let resnet50 = Architecture(blocks: [3, 4, 6, 3], isBottleneck: true)
    /// ResNet-101.
    public static let resnet101 = Architecture(blocks: [3, 4, 23, 3], isBottleneck: true)
    /// Ten layers of half the width: learns the sample set from nothing in minutes.
    public static let sample = Architecture(blocks: [1, 1, 1, 1], width: 32, isBottleneck: false)
  }

  private let conv1: Convolution2d
  private let bn1: BatchNorm2d
  private let maxpool = MaxPool2d(PoolingParameters(kernelSize: 3, stride: 2, padding: 1))
  private let layer1: [any Layer]
  private let layer2: [any Layer]
  private let layer3: [any Layer]
  private let layer4: [any Layer]
  private let fc: Linear?

  /// Channels of each stage's output, first to last.
  public let stageChannels: [Int]
  /// Image pixels a pixel of each stage's output.
  public let stageStrides: [Int]

  /// Creates a network with random weights.
  ///
  /// - Parameters:
  ///   - architecture: Depth and width.
  ///   - outputStride: Image pixels a pixel of the last stage: 8, 16 or 32.
  ///   - stageCount: Stages kept, 1 to 4; the others are cut off.
  ///   - classCount: Classes of the classifier `fc`; `nil` for features alone.
  ///   - generator: Draws the weights.
  public init(
    _ architecture: Architecture, outputStride: Int = 32, stageCount: Int = 4,
    classCount: Int? = nil, using generator: inout PhiloxGenerator
  ) {
    check((1...4).contains(stageCount), "ResNet: \(stageCount) stages, expected 1...4")
    let width = architecture.width
    conv1 = Convolution2d(
      inChannels: 3, outChannels: width, kernelSize: 7, stride: 2, padding: .zeros(3),
      initialization: .kaimingNormal, using: &generator)
    bn1 = BatchNorm2d(channels: width)
    var channels = width
    var strides: [Int] = []
    let plan = StagePlan(outputStride: outputStride).stages
    let stages = (0..<stageCount).map { stage -> [any Layer] in
      strides.append((strides.last ?? 4) * plan[stage].stride)
      return (0..<architecture.blocks[stage]).map { block in
        let stride = block == 0 ? plan[stage].stride : 1
        let dilation = block == 0 ? plan[stage].firstDilation : plan[stage].dilation
        if architecture.isBottleneck {
          let made = Bottleneck(
            inChannels: channels, width: width << stage, stride: stride, dilation: dilation,
            using: &generator)
          channels = 4 * (width << stage)
          return made
        }
        let made = BasicBlock(
          inChannels: channels, outChannels: width << stage, stride: stride, dilation: dilation,
          using: &generator)
        channels = width << stage
        return made
      }
    }
    layer1 = stages[0]
    layer2 = stageCount > 1 ? stages[1] : []
    layer3 = stageCount > 2 ? stages[2] : []
    layer4 = stageCount > 3 ? stages[3] : []
    fc = classCount.map { Linear(inFeatures: channels, outFeatures: $0, using: &generator) }
    stageStrides = strides
    let expansion = architecture.isBottleneck ? 4 : 1
    stageChannels = (0..<stageCount).map { (width << $0) * expansion }
  }

  /// Channels of the stem's output.
  public var stemChannels: Int { conv1.weight.shape[3] }

  /// ImageNet's statistics.
  public var inputPreset: InputPreset { .imageNet }
  /// The classifier's names in torchvision's files.
  public var classifierPrefixes: [String] { ["fc."] }
  /// The modules of each stage.
  public var stageModules: [[any Module]] {
    [[conv1, bn1] + layer1, layer2, layer3, layer4].filter { !$0.isEmpty }
  }

  /// The outputs of all stages.
  public func stages(_ image: Variable) -> [Variable] { stemAndStages(image).stages }

  /// The outputs of stem and stages: the stem's is that of the pooling, at stride 4.
  public func stemAndStages(_ image: Variable) -> (stem: Variable, stages: [Variable]) {
    checkImage(image)
    let stem = maxpool(conv1(image, norm: bn1, activation: .relu))
    var features = stem
    let outputs = [layer1, layer2, layer3, layer4].filter { !$0.isEmpty }.map { blocks in
      for block in blocks { features = block(features) }
      return features
    }
    return (stem, outputs)
  }

  /// The scores of the classes, `[N, classes]`.
  ///
  /// - Precondition: The network was made with a `classCount`.
  public func logits(_ image: Variable) -> Variable {
    guard let fc else { fatalError("ResNet: logits of a network without a classifier") }
    return fc(GlobalAveragePool2d()(self(image)).flattened())
  }
}
