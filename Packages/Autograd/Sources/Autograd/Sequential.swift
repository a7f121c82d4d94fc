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
    var rest = layers[...]
    var result = input
    while let layer = rest.popFirst() {
      if let absorbing = layer as? any AbsorbingLayer {
        result = absorbing(result, absorbing: &rest)
      } else {
        result = layer(result)
      }
    }
    return result
  }
}

/// A layer that computes what follows it in a `Sequential` along with its own work, such as a
/// convolution that folds the batch norm behind it.
public protocol AbsorbingLayer: Layer {
  /// Applies the layer and as many of those that follow as it can absorb.
  ///
  /// - Parameters:
  ///   - input: The layer's input.
  ///   - following: The layers after it; it removes those it has applied.
  /// - Returns: The result of the last layer applied.
  func callAsFunction(
    _ input: Variable, absorbing following: inout ArraySlice<any Layer>
  ) -> Variable
}
