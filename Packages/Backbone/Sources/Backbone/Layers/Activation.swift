public import Autograd
public import Tensor

/// An activation as a layer; behind a `Convolution2d` in one `Sequential` it is fused into it.
public final class Activation: Layer {
  /// What is applied.
  public let kind: FusedActivation

  /// Creates a layer.
  public init(_ kind: FusedActivation) { self.kind = kind }

  /// Applies the activation.
  public func callAsFunction(_ input: Variable) -> Variable { input.activated(kind) }
}
