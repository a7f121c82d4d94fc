public import Autograd
public import Tensor

/// A fully connected layer over the last axis: `x * weightᵀ + bias`.
public final class Linear: Layer {
  /// `[O, I]`, as PyTorch has it.
  public let weight: Parameter
  /// `[O]`, or `nil`.
  public let bias: Parameter?

  /// Creates a layer with PyTorch's random start: weight and bias uniform within
  /// `1 / sqrt(inFeatures)`.
  public init(
    inFeatures: Int, outFeatures: Int, bias: Bool = true, using generator: inout PhiloxGenerator
  ) {
    weight = Parameter(
      .kaimingUniform(
        [outFeatures, inFeatures], .leakyRelu(slope: Float(5).squareRoot()), using: &generator))
    let bound = 1 / Float(inFeatures).squareRoot()
    self.bias =
      bias ? Parameter(generator.uniform(shape: [outFeatures], in: -bound..<bound)) : nil
  }

  /// Applies the layer: `[..., I]` to `[..., O]`.
  public func callAsFunction(_ input: Variable) -> Variable {
    let output = input.linear(weight, bias: bias)
    Trace.record(.linear(self), [input], output)
    return output
  }
}
