extension Tensor {
  /// Tensors one after another along an axis; all other axes agree.
  public init(concatenating parts: [Tensor], axis: Int = 0) {
    guard let first = parts.first else { fatalError("concatenating: no tensors") }
    let axis = first.shape.axis(axis, "concatenating")
    for part in parts {
      check(
        part.rank == first.rank && part.shape.removing(axis) == first.shape.removing(axis),
        "concatenating along axis \(axis): \(first.shape) and \(part.shape) differ elsewhere")
    }
    let sizes = parts.map { $0.shape[axis] }
    let shape = first.shape.replacing(axis: axis, with: sizes.reduce(0, +))
    let outer = first.shape[..<axis].reduce(1, *)
    let inner = first.shape[(axis + 1)...].reduce(1, *)
    self.init(uninitialized: shape)
    let whole = shape[axis] * inner
    var start = 0
    for (part, size) in zip(parts, sizes) {
      let length = size * inner
      let at = start
      let target = storage
      parallelFor(outer, grain: rowGrain(length)) { range in
        for row in range {
          // Safe: each part owns its stretch of each row.
          unsafe (target.floats + row * whole + at).update(
            from: part.storage.floats + row * length, count: length)
        }
      }
      withExtendedLifetime(part) {}
      start += length
    }
  }

  /// Tensors of one shape along a new axis.
  public init(stacking parts: [Tensor], axis: Int = 0) {
    guard let first = parts.first else { fatalError("stacking: no tensors") }
    check(
      axis >= -first.rank - 1 && axis <= first.rank, "stacking: axis \(axis) for \(first.shape)")
    let position = axis < 0 ? axis + first.rank + 1 : axis
    var sizes = first.shape.dimensions
    sizes.insert(1, at: position)
    for part in parts {
      check(part.shape == first.shape, "stacking: \(first.shape) and \(part.shape) differ")
    }
    self.init(concatenating: parts.map { $0.reshaped(sizes) }, axis: position)
  }

  /// The inverse of concatenation: parts of the given sizes along an axis.
  public func split(_ sizes: [Int], axis: Int = 0) -> [Tensor] {
    let axis = shape.axis(axis, "split")
    check(
      sizes.reduce(0, +) == shape[axis], "split: sizes \(sizes) for axis \(axis) of \(shape)")
    var start = 0
    return sizes.map { size in
      defer { start += size }
      return sliced(start..<start + size, axis: axis)
    }
  }
}
