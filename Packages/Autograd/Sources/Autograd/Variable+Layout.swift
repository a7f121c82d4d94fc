public import Tensor

/// Shapes, parts and order of axes.
extension Variable {
  /// The same elements under another shape; one size may be -1.
  public func reshaped(_ sizes: Int...) -> Variable { reshaped(sizes) }

  /// The same elements under another shape; one size may be -1.
  public func reshaped(_ sizes: [Int]) -> Variable {
    let shape = shape
    return Variable(value.reshaped(sizes), parents: [self]) { [$0.reshaped(to: shape)] }
  }

  /// The axes in another order: axis i of the result is axis `order[i]`.
  public func transposed(_ order: [Int]) -> Variable {
    let inverse = order.indices.map { axis in order.firstIndex(of: axis) ?? 0 }
    return Variable(value.transposed(order), parents: [self]) { [$0.transposed(inverse)] }
  }

  /// The matrix of the last two axes turned.
  public func transposed() -> Variable {
    Variable(value.transposed(), parents: [self]) { [$0.transposed()] }
  }

  /// A part of each axis; axes not named are taken whole.
  public func sliced(_ ranges: [AxisRange]) -> Variable {
    let shape = shape
    return Variable(value.sliced(ranges), parents: [self]) { [$0.unsliced(ranges, to: shape)] }
  }

  /// Indices `range` of one axis.
  public func sliced(_ range: Range<Int>, axis: Int) -> Variable {
    let axis = shape.axis(axis, "sliced")
    return sliced(shape.indices.map { $0 == axis ? AxisRange(range) : .all })
  }

  /// Axes in reverse.
  public func flipped(_ axes: [Int]) -> Variable {
    Variable(value.flipped(axes), parents: [self]) { [$0.flipped(axes)] }
  }

  /// The variable repeated along each axis, as `numpy.tile`.
  public func tiled(_ counts: [Int]) -> Variable {
    let shape = shape
    return Variable(value.tiled(counts), parents: [self]) { upstream in
      // Each axis as (repetition, index): the repetitions are summed.
      let sizes = zip(counts, shape).flatMap { [$0, $1] }
      return [upstream.reshaped(sizes).sum(shape.indices.map { 2 * $0 }).reshaped(to: shape)]
    }
  }

  /// Repeats axes of size 1, and missing leading ones, to reach a shape.
  public func broadcast(to shape: Shape) -> Variable {
    let own = self.shape
    return Variable(value.broadcast(to: shape), parents: [self]) { [$0.reduced(to: own)] }
  }

  /// A border around each axis; see `Tensor.padded`.
  public func padded(
    _ widths: [(before: Int, after: Int)], _ mode: PaddingMode = .constant(0)
  ) -> Variable {
    let shape = shape
    return Variable(value.padded(widths, mode), parents: [self]) {
      [$0.unpadded(widths, mode, to: shape)]
    }
  }

  /// Variables one after another along an axis; all other axes agree.
  public static func concatenating(_ parts: [Variable], axis: Int = 0) -> Variable {
    let sizes = parts.map { $0.shape[axis] }
    return Variable(
      Tensor(concatenating: parts.map(\.value), axis: axis), parents: parts
    ) { $0.split(sizes, axis: axis) }
  }

  /// Variables of one shape along a new axis.
  public static func stacking(_ parts: [Variable], axis: Int = 0) -> Variable {
    let shape = parts.first?.shape ?? []
    return Variable(Tensor(stacking: parts.map(\.value), axis: axis), parents: parts) { upstream in
      let ones = Array(repeating: 1, count: parts.count)
      return upstream.split(ones, axis: axis).map { $0.reshaped(to: shape) }
    }
  }

  /// Parts of the given sizes along an axis: the inverse of `concatenating`.
  public func split(_ sizes: [Int], axis: Int = 0) -> [Variable] {
    check(
      sizes.reduce(0, +) == shape[axis], "split: sizes \(sizes) for axis \(axis) of \(shape)")
    var start = 0
    return sizes.map { size in
      defer { start += size }
      return sliced(start..<start + size, axis: axis)
    }
  }
}
