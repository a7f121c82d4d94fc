internal import Tensor

/// Computes a block now and once more during backward, instead of keeping its inner values.
///
/// Memory for the block's intermediates is needed only while it is computed; the time is one more
/// forward pass of it. Values and gradients have the same bits as without. Gradients reach
/// everything `body` uses: parameters and variables alike.
///
/// Chen et al., 2016 (https://arxiv.org/abs/1604.06174).
///
/// - Parameters:
///   - random: The source `body` draws from, if it does: it is put back for the second time.
///   - body: Computes the same result each time from the variables it captures; state that it
///     changes on the way, as running statistics, looks at `isRecomputing`.
/// - Returns: The result of `body`.
public func checkpoint(random: RandomSource? = nil, _ body: @escaping () -> Variable) -> Variable {
  guard Recording.isEnabled else { return body() }
  let start = random?.generator
  // Recorded, to see whether anything in it requires a gradient; its graph goes away right after.
  let result = body()
  guard result.requiresGradient else { return result }
  let shape = result.shape
  return Variable(result.value) {
    let end = random?.generator
    if let start { random?.generator = start }
    defer { if let end { random?.generator = end } }
    let again = Recording.$isEnabled.withValue(true) {
      Recording.$isRecomputing.withValue(true, operation: body)
    }
    check(again.shape == shape, "checkpoint: computed \(shape) first and then \(again.shape)")
    return again
  }
}
