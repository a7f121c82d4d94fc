public import Autograd
internal import Tensor

/// Group norm: each image's groups of channels to mean 0 and variance 1, then scale and shift.
/// Wu and He, 2018 (https://arxiv.org/abs/1803.08494).
public final class GroupNorm: Layer {
  /// The scale of each channel.
  public let weight: Parameter
  /// The shift of each channel.
  public let bias: Parameter
  /// The number of groups.
  public let groups: Int
  /// Added to the variance.
  public let epsilon: Float

  /// Creates a norm with scale 1 and shift 0.
  ///
  /// - Precondition: `groups` divides `channels`.
  public init(groups: Int, channels: Int, epsilon: Float = 1e-5) {
    check(
      groups >= 1 && channels % groups == 0,
      "GroupNorm: \(groups) groups do not divide \(channels) channels")
    weight = Parameter(.ones([channels]))
    bias = Parameter(.zeros([channels]))
    (self.groups, self.epsilon) = (groups, epsilon)
  }

  /// Normalises `[N, H, W, C]`.
  public func callAsFunction(_ input: Variable) -> Variable {
    let output = input.groupNormalized(
      groups: groups, gamma: weight, beta: bias, epsilon: epsilon)
    Trace.record(.groupNorm(self), [input], output)
    return output
  }
}
