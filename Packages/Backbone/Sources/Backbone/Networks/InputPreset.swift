public import Tensor

/// How a network wants its images: RGB in 0...255 shifted and scaled.
public struct InputPreset: Sendable, Hashable {
  /// Subtracted from red, green and blue.
  public let mean: [Float]
  /// Divides red, green and blue.
  public let standardDeviation: [Float]

  /// The statistics of ImageNet, which torchvision's networks and ResNet-38 were trained with.
  public static let imageNet = InputPreset(
    mean: [123.675, 116.28, 103.53], standardDeviation: [58.395, 57.12, 57.375])

  /// `(x - 127) / 128`, which EfficientNet-Lite was trained with.
  public static let efficientNetLite = InputPreset(
    mean: [127, 127, 127], standardDeviation: [128, 128, 128])

  /// Makes a network's input.
  ///
  /// - Parameter image: RGB in 0...255, `[..., 3]`.
  /// - Returns: A tensor of the same shape.
  public func callAsFunction(_ image: Tensor) -> Tensor {
    check(
      image.rank >= 1 && image.shape[-1] == 3,
      "InputPreset: image \(image.shape), expected [..., 3]")
    return (image - Tensor(mean)) / Tensor(standardDeviation)
  }
}
