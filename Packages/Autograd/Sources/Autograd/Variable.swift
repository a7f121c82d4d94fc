public import Tensor

/// A tensor that remembers how it was computed, so that gradients can flow back through it.
///
/// Reference identity is the point, so a variable is not `Sendable`: a graph lives in one task and
/// only `Tensor`s cross.
public class Variable {
  /// The numbers.
  public internal(set) final var value: Tensor

  final var node: Node?

  /// Creates a leaf: a value that no recorded operation made.
  ///
  /// - Parameters:
  ///   - value: The numbers.
  ///   - requiresGradient: Whether `backward` adds to its `gradient`.
  public init(_ value: Tensor, requiresGradient: Bool = false) {
    self.value = value
    node = requiresGradient ? Node(leafOf: value.shape) : nil
  }

  /// Creates the result of an operation.
  ///
  /// The graph keeps alive what `pullback` captures, and nothing else. So capture the tensors the
  /// gradient needs and flags such as `requiresGradient`, never a `Variable`: it would keep a value
  /// in memory until backward that nobody reads.
  ///
  /// - Parameters:
  ///   - value: The result.
  ///   - parents: The operands. If none requires a gradient, or inside `withoutGradients`, nothing
  ///     is recorded and `pullback` is dropped.
  ///   - pullback: Turns the gradient of the result into one gradient a parent, of the parent's
  ///     shape; `nil` where it is zero or not required.
  public init(_ value: Tensor, parents: [Variable], pullback: @escaping (Tensor) -> [Tensor?]) {
    self.value = value
    if Recording.isEnabled && parents.contains(where: \.requiresGradient) {
      node = Node(
        resultOf: value.shape, parents: parents.map(\.node), rule: .pullback(pullback))
    }
  }

  /// Creates a result that backward computes again, with its graph.
  init(_ value: Tensor, recomputation: @escaping () -> Variable) {
    self.value = value
    node = Node(resultOf: value.shape, parents: [], rule: .recomputation(recomputation))
  }

  /// The sizes of the axes of `value`.
  public final var shape: Shape { value.shape }

  /// Whether gradients flow into or through this variable.
  public final var requiresGradient: Bool { node != nil }

  /// Of a leaf that requires a gradient: the sum over all backward passes since it was last set to
  /// `nil`; `nil` before the first. Of anything else: `nil`.
  public final var gradient: Tensor? {
    get { node.flatMap { $0.isLeaf ? $0.gradient : nil } }
    set {
      guard let node, node.isLeaf else {
        check(newValue == nil, "gradient: only a leaf that requires a gradient holds one")
        return
      }
      if let newValue {
        check(newValue.shape == shape, "gradient: \(newValue.shape) for a variable of \(shape)")
      }
      node.gradient = newValue
    }
  }

  /// The same numbers as a constant: no gradient flows back through it.
  public final func detached() -> Variable { Variable(value) }

  /// Adds the gradient of this scalar to every leaf it depends on.
  ///
  /// - Parameter retainingGraph: Keeps what the operations saved, for another `backward`. By
  ///   default it is freed while the pass goes on.
  /// - Precondition: The value has one element, requires a gradient, and its graph was not released.
  public final func backward(retainingGraph: Bool = false) {
    check(
      value.count == 1,
      "backward: the value has shape \(shape), not one element; use backward(with:)")
    backward(with: Tensor.ones(shape), retainingGraph: retainingGraph)
  }

  /// Adds the gradient of `sum(upstream * value)` to every leaf it depends on.
  ///
  /// - Parameters:
  ///   - upstream: The gradient of this variable, of its shape.
  ///   - retainingGraph: Keeps what the operations saved, for another `backward`.
  /// - Precondition: The value requires a gradient, and its graph was not released.
  public final func backward(with upstream: Tensor, retainingGraph: Bool = false) {
    guard let node else { fatalError("backward: nothing here requires a gradient") }
    BackwardPass(retainingGraph: retainingGraph).run(from: node, with: upstream)
  }
}
