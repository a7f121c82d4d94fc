internal import Tensor

/// One walk from a result back to the leaves, newest operation first.
///
/// Parents are always older than their results, so the newest waiting node has received every
/// gradient it will get. A heap of waiting nodes needs no recursion, and no look at parts of the
/// graph that no gradient reaches.
final class BackwardPass {
  private var waiting: [Node] = []
  private let retainsGraph: Bool

  init(retainingGraph: Bool) { retainsGraph = retainingGraph }

  func run(from root: Node, with upstream: Tensor) {
    deliver(upstream, to: root)
    while let node = popNewest() { visit(node) }
  }

  private func visit(_ node: Node) {
    guard let upstream = node.gradient else { return }
    node.gradient = nil
    switch node.rule {
    case .pullback(let pullback):
      let parents = node.parents
      let gradients = pullback(upstream)
      check(
        gradients.count == parents.count,
        "backward: a pullback returned \(gradients.count) gradients for \(parents.count) parents")
      if !retainsGraph { node.release() }
      for (parent, gradient) in zip(parents, gradients) {
        if let parent, let gradient { deliver(gradient, to: parent) }
      }
    case .recomputation(let recompute):
      visit(recompute(), in: node, with: upstream)
      if !retainsGraph { node.release() }
    case nil:
      fatalError(
        "backward: this graph was released by an earlier backward; "
          + "call the earlier one with retainingGraph: true")
    }
  }

  /// Goes back through a graph made during this pass, so newer than all that waits. What it was
  /// made from is older than `node` and waits for its turn, as other gradients may still arrive.
  private func visit(_ result: Variable, in node: Node, with upstream: Tensor) {
    guard let root = result.node else { return }
    deliver(upstream, to: root)
    while let newest = waiting.first, newest.sequence > node.sequence {
      if let inner = popNewest() { visit(inner) }
    }
  }

  private func deliver(_ gradient: Tensor, to node: Node) {
    check(
      gradient.shape == node.shape,
      "backward: gradient of shape \(gradient.shape) for a variable of shape \(node.shape)")
    if !node.isLeaf && node.gradient == nil { push(node) }
    node.receive(gradient)
  }
}

// The heap: a node is never older than its children at 2i + 1 and 2i + 2.
extension BackwardPass {
  private func push(_ node: Node) {
    waiting.append(node)
    var child = waiting.count - 1
    while child > 0 {
      let above = (child - 1) / 2
      if waiting[above].sequence >= waiting[child].sequence { return }
      waiting.swapAt(above, child)
      child = above
    }
  }

  private func popNewest() -> Node? {
    guard let newest = waiting.first else { return nil }
    waiting.swapAt(0, waiting.count - 1)
    waiting.removeLast()
    var top = 0
    while true {
      var newer = top
      for child in [2 * top + 1, 2 * top + 2] where child < waiting.count {
        if waiting[child].sequence > waiting[newer].sequence { newer = child }
      }
      if newer == top { return newest }
      waiting.swapAt(top, newer)
      top = newer
    }
  }
}
