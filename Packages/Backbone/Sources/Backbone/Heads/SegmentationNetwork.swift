public import Autograd
internal import Tensor

/// What turns a backbone's stages into scores of classes for each pixel.
public protocol SegmentationHead: Module {
  /// The place of the stage whose resolution the scores have; `nil`: the last one's.
  var scoreStage: Int? { get }

  /// Scores before softmax, `[N, h, w, classes]`, at the head's own resolution.
  func callAsFunction(_ stages: [Variable]) -> Variable
}

extension SegmentationHead {
  /// The last one's.
  public var scoreStage: Int? { nil }
}

/// A backbone with a head: the network of the segmentation stage.
public final class SegmentationNetwork: Module {
  /// The features.
  public let backbone: any FeatureExtractor
  /// What makes scores of them.
  public let head: any SegmentationHead

  /// Joins a backbone and a head made for its channels.
  public init(backbone: any FeatureExtractor, head: any SegmentationHead) {
    (self.backbone, self.head) = (backbone, head)
  }

  /// Image pixels a pixel of the scores, along one axis.
  public var outputStride: Int {
    head.scoreStage.map { backbone.stageStrides[$0] } ?? backbone.outputStride
  }

  /// Scores before softmax at the head's resolution.
  ///
  /// - Parameter image: `[N, H, W, 3]`.
  /// - Returns: `[N, h, w, classes]`.
  public func callAsFunction(_ image: Variable) -> Variable { head(backbone.stages(image)) }

  /// Scores before softmax for every pixel of the image: each of the head's stands for a square of
  /// `outputStride` pixels, the last of a row for as many of them as there are.
  ///
  /// - Parameter image: `[N, H, W, 3]`.
  /// - Returns: `[N, H, W, classes]`.
  public func fullSizeLogits(_ image: Variable) -> Variable {
    self(image).scaled(by: outputStride).cropped(like: image)
  }
}
