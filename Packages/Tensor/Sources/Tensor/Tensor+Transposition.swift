internal import CKernels

extension Tensor {
  /// The matrix of the last two axes turned: `[..., M, N]` to `[..., N, M]`.
  public func transposed() -> Tensor {
    check(rank >= 2, "transposed: shape \(shape) has no two axes")
    return transposed(Array(0..<rank - 2) + [rank - 1, rank - 2])
  }

  /// The axes in another order: axis i of the result is axis `order[i]`.
  ///
  /// - Precondition: `order` holds each axis once.
  public func transposed(_ order: [Int]) -> Tensor {
    check(
      order.sorted() == Array(0..<rank), "transposed: order \(order) for shape \(shape)")
    if order == Array(0..<rank) { return self }
    let result = Shape(order.map { shape[$0] })
    // Merge axes that stay neighbours: most permutations become a turned matrix, or a batch of them.
    var merged: [(size: Int, stride: Int)] = []
    let strides = shape.strides
    for axis in order where shape[axis] != 1 {
      if let last = merged.last, last.stride == shape[axis] * strides[axis] {
        merged[merged.count - 1] = (last.size * shape[axis], strides[axis])
      } else {
        merged.append((shape[axis], strides[axis]))
      }
    }
    if merged.count <= 1 { return reshaped(to: result) }
    let turned = Tensor(uninitialized: result)
    guard count > 0 else { return turned }
    if merged.count == 2 && merged[0].stride == 1 {
      let (columns, rows) = (merged[0].size, merged[1].size)
      // Safe: a chunk writes its own columns of the result.
      parallelFor(rows, grain: Swift.max(rowGrain(columns), 16)) { range in
        unsafe ck_transpose(
          turned.storage.floats, storage.floats, rows, columns, range.lowerBound, range.upperBound)
      }
      withExtendedLifetime(self) {}
      return turned
    }
    turned.fill(from: self, Walk(merged.map(\.size), merged.map(\.stride), offset: 0))
    return turned
  }

  /// Copies the elements that a walk over `source` visits, in order.
  func fill(from source: Tensor, _ walk: Walk) {
    guard count > 0 else { return }
    unsafe withUnsafePointer(to: walk.plan) { plan in
      parallelFor(count / walk.rowLength, grain: rowGrain(walk.rowLength)) { range in
        // Safe: the walk stays in the source, and rows of the result do not overlap.
        unsafe ck_gather_walk(
          plan, storage.floats, source.storage.floats, range.lowerBound, range.upperBound)
      }
    }
    withExtendedLifetime(source) {}
  }
}

/// A walk over the elements of a tensor, by sizes and strides.
struct Walk {
  private(set) var plan = ck_walk()
  let rowLength: Int

  init(_ sizes: [Int], _ strides: [Int], offset: Int) {
    check(sizes.count <= Int(ck_layout_rank), "a walk over \(sizes.count) axes, 8 at the most")
    let (sizes, strides) = sizes.isEmpty ? ([1], [1]) : (sizes, strides)
    rowLength = sizes[sizes.count - 1]
    plan.rank = Int32(sizes.count)
    plan.offset = offset
    unsafe withUnsafeMutableBytes(of: &plan.sizes) { bytes in
      for (axis, size) in sizes.enumerated() {
        unsafe bytes.storeBytes(of: size, toByteOffset: axis * 8, as: Int.self)
      }
    }
    unsafe withUnsafeMutableBytes(of: &plan.strides) { bytes in
      for (axis, stride) in strides.enumerated() {
        unsafe bytes.storeBytes(of: stride, toByteOffset: axis * 8, as: Int.self)
      }
    }
  }
}
