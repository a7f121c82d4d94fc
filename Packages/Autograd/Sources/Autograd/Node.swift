internal import Synchronization
internal import Tensor

/// A place in the graph where a gradient arrives: a leaf, or the result of an operation.
///
/// Nodes hold no values. What an operation needs again in backward its pullback has captured, so a
/// value no pullback wants is freed with the last `Variable` that holds it.
final class Node {
  /// Turns the gradient of an operation's result into one gradient a parent.
  typealias Pullback = (Tensor) -> [Tensor?]

  /// What backward does with the gradient of a node that is no leaf.
  enum Rule {
    /// Hands gradients to the parents.
    case pullback(Pullback)
    /// Computes the value again, this time with its graph, and goes back through that.
    case recomputation(() -> Variable)
  }

  private static let created = Atomic<Int>(0)

  /// The order of creation; an operation's result always comes after its parents.
  let sequence: Int
  let shape: Shape
  /// Of a leaf: the sum of all backward passes. Else what has arrived during the current one.
  var gradient: Tensor?
  /// One a parent, `nil` for those that need no gradient; empty for a leaf and once released.
  private(set) var parents: [Node?]
  /// `nil` of a leaf and once released.
  private(set) var rule: Rule?
  let isLeaf: Bool

  init(leafOf shape: Shape) {
    sequence = Self.created.add(1, ordering: .relaxed).newValue
    self.shape = shape
    parents = []
    isLeaf = true
  }

  init(resultOf shape: Shape, parents: [Node?], rule: Rule) {
    sequence = Self.created.add(1, ordering: .relaxed).newValue
    self.shape = shape
    self.parents = parents
    self.rule = rule
    isLeaf = false
  }

  /// Adds to the gradient, in place where its memory is not shared.
  func receive(_ addend: Tensor) {
    if gradient == nil { gradient = addend } else { gradient?.accumulate(addend) }
  }

  /// Lets go of the saved tensors and of the graph behind this node.
  func release() {
    parents = []
    rule = nil
  }

  // A chain of nodes is taken apart in a loop: releasing it link by link would recurse as deep as
  // the graph and overflow the stack.
  deinit {
    guard !isLeaf, !parents.isEmpty else { return }
    var pending = parents
    release()
    while !pending.isEmpty {
      // The only reference here: another binding would hide that it is the last.
      var node = pending.removeLast()
      if isKnownUniquelyReferenced(&node), let node {
        pending += node.parents
        node.release()
      }
    }
  }
}
