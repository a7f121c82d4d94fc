public import Autograd
internal import Tensor

/// What turns a backbone's stages into scores of classes for each pixel.
public protocol SegmentationHead: Module {
  /// Scores before softmax, `[N, h, w, classes]`, at the head's own resolution.
  func callAsFunction(_ stages: [Variable]) -> Variable
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

  /// Scores before softmax at the head's resolution.
  ///
  /// - Parameter image: `[N, H, W, 3]`.
  /// - Returns: `[N, h, w, classes]`.
  public func callAsFunction(_ image: Variable) -> Variable { head(backbone.stages(image)) }

  /// Scores before softmax for every pixel of the image.
  ///
  /// - Parameter image: `[N, H, W, 3]`.
  /// - Returns: `[N, H, W, classes]`.
  public func fullSizeLogits(_ image: Variable) -> Variable {
    self(image).scaled(like: image)
  }
}
