public import Tensor

/// A trainable leaf of a `Module`, with a value that optimisers and checkpoints may change.
///
/// The property that holds it gives its name in checkpoints.
public final class Parameter: Variable {
  /// The axes of `value` in the order a checkpoint has them; `nil` where the orders agree.
  ///
  /// A weight whose kernels want another order than PyTorch's, such as height, width, in, out for
  /// PyTorch's out, in, height, width, says `[3, 2, 0, 1]`.
  public let checkpointAxes: [Int]?

  /// Creates a parameter that requires a gradient.
  ///
  /// - Parameters:
  ///   - value: Its initial value.
  ///   - checkpointAxes: The axes of `value` in the order a checkpoint has them.
  /// - Precondition: `checkpointAxes` holds every axis once.
  public init(_ value: Tensor, checkpointAxes: [Int]? = nil) {
    check(
      checkpointAxes.map { $0.sorted() == Array(0..<value.rank) } ?? true,
      "Parameter: checkpoint axes \(checkpointAxes ?? []) for shape \(value.shape)")
    self.checkpointAxes = checkpointAxes
    super.init(value, requiresGradient: true)
  }

  /// Whether it is a constant: gets no gradient and optimisers leave it alone.
  ///
  /// Freezing drops the gradient it holds.
  public var isFrozen: Bool {
    get { node == nil }
    set {
      if newValue { node = nil } else if node == nil { node = Node(leafOf: shape) }
    }
  }

  /// Replaces the value.
  ///
  /// - Precondition: The shape stays the same.
  public func assign(_ newValue: Tensor) {
    check(newValue.shape == shape, "assign: \(newValue.shape) to a parameter of \(shape)")
    value = newValue
  }

  /// Changes the value in place, as optimisers do; graphs that saved the old value keep it.
  ///
  /// - Parameter body: Receives the value; must not change its shape.
  /// - Returns: What `body` returns.
  /// - Throws: What `body` throws.
  public func update<Result>(_ body: (inout Tensor) throws -> Result) rethrows -> Result {
    let before = shape
    defer { check(shape == before, "update: shape \(before) became \(shape)") }
    return try body(&value)
  }
}
