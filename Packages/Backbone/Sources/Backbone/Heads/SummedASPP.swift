public import Autograd
public import Tensor

/// Four 3x3 convolutions of growing dilation, added up: the classifier of DeepLab-v2 and of AMN.
///
/// Chen et al., 2016 (https://arxiv.org/abs/1606.00915).
public final class SummedASPP: Layer {
  private let c0, c1, c2, c3: Convolution2d

  /// Creates a classifier with normal weights of deviation 0.01; biases start as a convolution's.
  public init(inChannels: Int, outChannels: Int, using generator: inout PhiloxGenerator) {
    func branch(_ dilation: Int) -> Convolution2d {
      let made = Convolution2d(
        inChannels: inChannels, outChannels: outChannels, kernelSize: 3,
        padding: .zeros(dilation), dilation: dilation, bias: true, using: &generator)
      made.weight.assign(
        generator.normal(shape: made.weight.shape, standardDeviation: 0.01))
      return made
    }
    (c0, c1, c2, c3) = (branch(6), branch(12), branch(18), branch(24))
  }

  /// `[N, H, W, C]` to `[N, H, W, O]`.
  public func callAsFunction(_ input: Variable) -> Variable {
    [c1, c2, c3].reduce(c0(input)) { $1(input, norm: nil, residual: $0) }
  }
}
