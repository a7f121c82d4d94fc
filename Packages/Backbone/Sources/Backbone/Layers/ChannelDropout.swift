public import Autograd
internal import Tensor

/// A layer that zeroes whole channels of an image at random in training: PyTorch's `Dropout2d`.
///
/// Neighbouring pixels are alike, so dropping them one by one would hide little. Tompson et al.,
/// 2015 (https://arxiv.org/abs/1411.4280).
public final class ChannelDropout: Layer, ModeDependent {
  /// The share of channels zeroed, 0..<1.
  public let rate: Float
  /// Whether to drop anything.
  public var isTraining = true
  private let random: RandomSource

  /// Creates a layer that draws from a source, usually shared by the model.
  public init(rate: Float, random: RandomSource) {
    check(rate >= 0 && rate < 1, "ChannelDropout: rate \(rate) is not in 0..<1")
    (self.rate, self.random) = (rate, random)
  }

  /// Drops channels of `[N, H, W, C]` in training, else returns the input.
  public func callAsFunction(_ input: Variable) -> Variable {
    guard isTraining && rate > 0 else { return input }
    let draws = random.generator.uniform(shape: [input.shape[0], 1, 1, input.shape[3]])
    let mask = draws.scalars.map { $0 < rate ? 0 : 1 / (1 - rate) }
    return input * Variable(Tensor(mask, shape: draws.shape))
  }
}
