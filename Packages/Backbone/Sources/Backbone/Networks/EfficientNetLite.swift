public import Autograd
public import Tensor

/// EfficientNet-Lite with the names of its PyTorch files.
///
/// EfficientNet (Tan and Le, 2019, https://arxiv.org/abs/1905.11946) without squeeze-excite, with
/// ReLU6, and with stem, first, last and head layers that do not scale. TensorFlow's SAME padding.
/// The last of the five stages ends with the 1x1 convolution before the classifier.
public final class EfficientNetLite: ClassifierNetwork {
  /// Depth, width and what goes with them.
  public struct Architecture: Sendable, Hashable {
    /// Multiplies the channels of the blocks.
    public let width: Double
    /// Multiplies the number of blocks.
    public let depth: Double
    /// The side of the pictures it was trained on.
    public let resolution: Int

    /// EfficientNet-Lite0.
    public static let lite0 = Architecture(width: 1, depth: 1, resolution: 224)
    /// EfficientNet-Lite1.
    public static let lite1 = Architecture(width: 1, depth: 1.1, resolution: 240)
    /// EfficientNet-Lite2.
    public static let lite2 = Architecture(width: 1.1, depth: 1.2, resolution: 260)

    func channels(_ base: Int) -> Int {
      // To a multiple of 8, but never less than nine tenths.
      let wanted = width * Double(base)
      let rounded = max(8, Int(wanted + 4) / 8 * 8)
      return Double(rounded) < 0.9 * wanted ? rounded + 8 : rounded
    }
  }

  /// Blocks of one resolution and width: EfficientNet-B0's table.
  private struct Group {
    let count, kernelSize, stride, expansion, channels: Int
  }

  private static let groups = [
    Group(count: 1, kernelSize: 3, stride: 1, expansion: 1, channels: 16),
    Group(count: 2, kernelSize: 3, stride: 2, expansion: 6, channels: 24),
    Group(count: 2, kernelSize: 5, stride: 2, expansion: 6, channels: 40),
    Group(count: 3, kernelSize: 3, stride: 2, expansion: 6, channels: 80),
    Group(count: 3, kernelSize: 5, stride: 1, expansion: 6, channels: 112),
    Group(count: 4, kernelSize: 5, stride: 2, expansion: 6, channels: 192),
    Group(count: 1, kernelSize: 3, stride: 1, expansion: 6, channels: 320),
  ]

  private let _convStem: Convolution2d
  private let _bn0: BatchNorm2d
  private let _blocks: [InvertedResidual]
  private let _convHead: Convolution2d
  private let _bn1: BatchNorm2d
  private let _fc: Linear?
  /// For each stage the blocks that make it.
  private let stageBlocks: [Range<Int>]

  /// Channels of each stage's output, first to last.
  public let stageChannels: [Int]
  /// Image pixels a pixel of each stage's output.
  public let stageStrides: [Int]

  /// Creates a network with random weights.
  ///
  /// - Parameters:
  ///   - architecture: Depth and width.
  ///   - outputStride: Image pixels a pixel of the last stage: 32, or 16 or 8 by dilating the
  ///     last strided stages.
  ///   - classCount: Classes of the classifier `_fc`; `nil` for features alone.
  ///   - generator: Draws the weights.
  public init(
    _ architecture: Architecture, outputStride: Int = 32, classCount: Int? = nil,
    using generator: inout PhiloxGenerator
  ) {
    check(
      [8, 16, 32].contains(outputStride),
      "EfficientNetLite: output stride \(outputStride), expected 8, 16 or 32")
    let (epsilon, momentum): (Float, Float) = (1e-3, 0.01)
    _convStem = Convolution2d(
      inChannels: 3, outChannels: 32, kernelSize: 3, stride: 2, padding: .same,
      initialization: .kaimingNormal, using: &generator)
    _bn0 = BatchNorm2d(channels: 32, epsilon: epsilon, momentum: momentum)
    var blocks: [InvertedResidual] = []
    var (starts, channels, strides) = ([0], [Int](), [2])
    var (inChannels, reached, dilation) = (32, 2, 1)
    for (index, group) in Self.groups.enumerated() {
      let isOuter = index == 0 || index == Self.groups.count - 1
      let count =
        isOuter ? group.count : Int((architecture.depth * Double(group.count)).rounded(.up))
      let outChannels = architecture.channels(group.channels)
      let dilates = group.stride > 1 && reached * group.stride > outputStride
      if group.stride > 1 {
        starts.append(blocks.count)
        channels.append(inChannels)
        if !dilates { reached *= group.stride }
        strides.append(reached)
      }
      for block in 0..<count {
        // As in StagePlan: the block that would have strided sees what it was trained on.
        if block == 1 && dilates { dilation *= group.stride }
        blocks.append(
          InvertedResidual(
            inChannels: inChannels, outChannels: outChannels, kernelSize: group.kernelSize,
            stride: block == 0 && !dilates ? group.stride : 1, dilation: dilation,
            expansion: group.expansion, using: &generator))
        inChannels = outChannels
      }
    }
    _blocks = blocks
    _convHead = Convolution2d(
      inChannels: inChannels, outChannels: 1280, kernelSize: 1, initialization: .kaimingNormal,
      using: &generator)
    _bn1 = BatchNorm2d(channels: 1280, epsilon: epsilon, momentum: momentum)
    _fc = classCount.map { Linear(inFeatures: 1280, outFeatures: $0, using: &generator) }
    stageBlocks = zip(starts, starts.dropFirst() + [blocks.count]).map { $0..<$1 }
    stageChannels = channels + [1280]
    stageStrides = strides
  }

  /// `(x - 127) / 128`.
  public var inputPreset: InputPreset { .efficientNetLite }
  /// The classifier's names in the published files.
  public var classifierPrefixes: [String] { ["_fc."] }
  /// The modules of each stage.
  public var stageModules: [[any Module]] {
    stageBlocks.enumerated().map { stage, blocks in
      (stage == 0 ? [_convStem, _bn0] : []) + Array(_blocks[blocks])
        + (stage == stageBlocks.count - 1 ? [_convHead, _bn1] : [])
    }
  }

  /// The outputs of all stages.
  public func stages(_ image: Variable) -> [Variable] {
    checkImage(image)
    var features = _convStem(image, norm: _bn0, activation: .relu6)
    return stageBlocks.enumerated().map { stage, blocks in
      for block in _blocks[blocks] { features = block(features) }
      return stage == stageBlocks.count - 1
        ? _convHead(features, norm: _bn1, activation: .relu6) : features
    }
  }

  /// The scores of the classes, `[N, classes]`.
  ///
  /// - Precondition: The network was made with a `classCount`.
  public func logits(_ image: Variable) -> Variable {
    guard let _fc else { fatalError("EfficientNetLite: logits of a network without a classifier") }
    return _fc(GlobalAveragePool2d()(self(image)).flattened())
  }
}
