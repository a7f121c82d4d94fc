public import Tensor

/// A random generator shared by the layers of a model.
///
/// Give it a stream of its own each step, `source.generator = PhiloxGenerator(seed: seed, stream:
/// step)`, and a resumed run draws the same numbers without any state to restore.
public final class RandomSource {
  /// The generator; drawing advances it.
  public var generator: PhiloxGenerator

  /// Creates a source.
  public init(_ generator: PhiloxGenerator) { self.generator = generator }
}
