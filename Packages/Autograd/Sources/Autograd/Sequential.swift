/// Layers applied one after the other; in checkpoints they are numbered from 0.
public final class Sequential: Layer {
  /// The layers, first to last.
  public let layers: [any Layer]

  /// Creates a sequence.
  public init(_ layers: [any Layer]) { self.layers = layers }

  /// Creates a sequence.
  public convenience init(_ layers: any Layer...) { self.init(layers) }

  /// Applies all layers in order.
  public func callAsFunction(_ input: Variable) -> Variable {
    layers.reduce(input) { $1($0) }
  }
}
