public import Tensor

/// The mask made for one training image, with what a report says of it.
public struct PseudoMask: Hashable, Sendable {
  /// What became of one class that the image is labelled with.
  public struct ClassShare: Hashable, Sendable {
    /// The class, 1...254.
    public let label: Int
    /// Its pixels; 0 if the mask lost it.
    public let pixelCount: Int
    /// Its share of the image's pixels.
    public let share: Double
    /// The mean over its pixels of its score, as a share of the image's largest; 0 without pixels.
    public let confidence: Float
  }

  /// 0 background, classes, 255 unknown: `[H, W]`.
  public let labels: LabelMap
  /// The share of the largest score above which pixels became foreground.
  public let threshold: Float
  /// The image's classes, as the maps were.
  public let classes: [ClassShare]
  /// The share of pixels with label 255.
  public let unknownShare: Double

  /// The classes that the mask has.
  public var keptClasses: [Int] { classes.filter { $0.pixelCount > 0 }.map(\.label) }

  /// Whether no pixel is of a class.
  public var isAllBackground: Bool { keptClasses.isEmpty }
}
