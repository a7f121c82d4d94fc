internal import Tensor

/// The stride and the dilation of each stage of a network of the ResNet kind.
///
/// Segmentation wants finer maps than the classifier the weights come from. A stage whose stride
/// would exceed the wanted output stride keeps the resolution and dilates its 3x3 convolutions
/// instead, so that they still see what they were trained on (Chen et al., arXiv 1706.05587).
public struct StagePlan: Sendable, Hashable {
  /// What one stage does.
  public struct Stage: Sendable, Hashable {
    /// The stride of the stage's first block: 1 or 2.
    public let stride: Int
    /// The dilation of the first block's 3x3 convolution; torchvision keeps the previous stage's.
    public let firstDilation: Int
    /// The dilation of the other blocks' 3x3 convolutions.
    public let dilation: Int
  }

  /// The stages in order; the stem before them has stride 4.
  public let stages: [Stage]

  /// Plans the four stages of a ResNet.
  ///
  /// - Parameter outputStride: Image pixels a pixel of the last stage: 8, 16 or 32.
  public init(outputStride: Int) {
    check(
      [8, 16, 32].contains(outputStride),
      "StagePlan: output stride \(outputStride), expected 8, 16 or 32")
    var reached = 4
    var dilation = 1
    stages = [1, 2, 2, 2].map { stride in
      let previous = dilation
      guard stride > 1, reached * stride > outputStride else {
        reached *= stride
        return Stage(stride: stride, firstDilation: previous, dilation: dilation)
      }
      dilation *= stride
      return Stage(stride: 1, firstDilation: previous, dilation: dilation)
    }
  }
}
