public import Tensor

/// A change of a sample that may be random; picture, mask, saliency and maps stay in step.
///
/// All randomness comes from the generator, so that a sample's augmentation depends on nothing but
/// the generator's seed, stream and position.
public protocol Transform: Sendable {
  /// The sample, changed.
  func callAsFunction(_ sample: Sample, using generator: inout PhiloxGenerator) -> Sample
}

/// Transforms one after the other.
public struct Compose: Transform {
  /// The transforms, first to last.
  public let transforms: [any Transform]

  /// Creates a sequence of transforms; an empty one changes nothing.
  public init(_ transforms: [any Transform]) { self.transforms = transforms }

  /// The sample after all transforms.
  public func callAsFunction(
    _ sample: Sample, using generator: inout PhiloxGenerator
  ) -> Sample {
    transforms.reduce(sample) { $1($0, using: &generator) }
  }
}
