public import Tensor

/// State of a `Module` that is saved with it but not trained, such as a running mean.
///
/// The property that holds it gives its name in checkpoints.
public final class Buffer {
  /// The state; its shape stays the same.
  public var value: Tensor {
    didSet {
      check(value.shape == oldValue.shape, "Buffer: shape \(oldValue.shape) set to \(value.shape)")
    }
  }

  /// Creates a buffer.
  public init(_ value: Tensor) { self.value = value }
}
