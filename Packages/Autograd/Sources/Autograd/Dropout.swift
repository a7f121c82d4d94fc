internal import CAutograd
public import Tensor

extension Variable {
  /// Zeroes each element with probability `rate` and divides the others by `1 - rate`.
  ///
  /// Backward draws the same numbers again, so no mask is kept.
  ///
  /// - Parameters:
  ///   - rate: The share of zeros, 0..<1.
  ///   - generator: Drawn from; not at a rate of 0.
  /// - Returns: A variable of the same shape.
  public func dropout(rate: Float, using generator: inout PhiloxGenerator) -> Variable {
    check(rate >= 0 && rate < 1, "dropout: rate \(rate) is not in 0..<1")
    if rate == 0 { return self }
    let start = generator
    let output = value.dropped(rate: rate, using: &generator)
    return Variable(output, parents: [self]) { upstream in
      var generator = start
      return [upstream.dropped(rate: rate, using: &generator)]
    }
  }
}

extension Tensor {
  fileprivate func dropped(rate: Float, using generator: inout PhiloxGenerator) -> Tensor {
    var result = generator.uniform(shape: shape)
    let count = count
    unsafe result.withUnsafeMutableScalars { draws in
      unsafe withUnsafeScalars { values in
        parallelFor(count, grain: 1 << 16) { range in
          // Safe: both hold `count` floats, and chunks do not overlap.
          unsafe ca_drop(
            draws.baseAddress, values.baseAddress, rate, range.lowerBound, range.upperBound)
        }
      }
    }
    return result
  }
}

/// A layer that zeroes a random share of its input in training and does nothing otherwise.
///
/// Srivastava et al., JMLR 2014.
public final class Dropout: Layer, ModeDependent {
  /// The share of zeros, 0..<1.
  public let rate: Float
  /// Whether to drop anything.
  public var isTraining = true
  private let random: RandomSource

  /// Creates a layer that draws from a source, usually shared by the model.
  public init(rate: Float, random: RandomSource) {
    check(rate >= 0 && rate < 1, "Dropout: rate \(rate) is not in 0..<1")
    self.rate = rate
    self.random = random
  }

  /// Drops in training, else returns the input.
  public func callAsFunction(_ input: Variable) -> Variable {
    isTraining ? input.dropout(rate: rate, using: &random.generator) : input
  }
}
