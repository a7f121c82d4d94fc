public import Tensor

/// Exchanges left and right with a probability.
public struct RandomFlip: Transform {
  /// The probability, 0...1.
  public let probability: Double

  /// Creates the transform.
  ///
  /// - Precondition: `probability` is in 0...1.
  public init(probability: Double = 0.5) {
    check((0...1).contains(probability), "RandomFlip: probability \(probability)")
    self.probability = probability
  }

  /// The sample or its mirror image.
  public func callAsFunction(
    _ sample: Sample, using generator: inout PhiloxGenerator
  ) -> Sample {
    .random(in: 0..<1, using: &generator) < probability ? sample.flipped() : sample
  }
}
