internal import CKernels

/// Choosing elements by position; each with its adjoint.
extension Tensor {
  /// Rows, that is indices of the first axis, in the order and as often as named.
  ///
  /// - Precondition: Indices are in `0..<shape[0]`.
  public func gatherRows(_ indices: IndexTensor) -> Tensor {
    checkIndices(indices.indices, below: rank >= 1 ? shape[0] : 0, "gatherRows")
    let columns = shape.dropFirst().reduce(1, *)
    let result = Tensor(
      uninitialized: Shape(indices.shape.dimensions + Array(shape.dropFirst())))
    parallelFor(indices.count, grain: rowGrain(columns)) { range in
      // Safe: indices were checked, and the result holds `indices.count` rows.
      unsafe ck_gather_rows(
        result.storage.floats, storage.floats, indices.indices, columns, range.lowerBound,
        range.upperBound)
    }
    withExtendedLifetime(self) {}
    return result
  }

  /// The adjoint of `gatherRows`: adds up the rows of `self` at their indices, in order.
  ///
  /// The same bits on any number of threads, also where indices repeat.
  ///
  /// - Parameters:
  ///   - indices: As given to `gatherRows`.
  ///   - rows: The size of the first axis of the result.
  /// - Returns: `[rows, ...]`.
  public func scatterAddRows(_ indices: IndexTensor, rows: Int) -> Tensor {
    let inner = Array(shape.dropFirst(indices.shape.rank))
    check(
      Array(shape.prefix(indices.shape.rank)) == indices.shape.dimensions,
      "scatterAddRows: \(shape) for indices \(indices.shape)")
    checkIndices(indices.indices, below: rows, "scatterAddRows")
    let columns = inner.reduce(1, *)
    let result = Tensor.zeros(Shape([rows] + inner))
    // Columns are shared among the threads, not rows: equal indices never meet.
    let grain = Swift.max(rowGrain(Swift.max(indices.count, 1)), 16)
    parallelFor(columns, grain: grain) { range in
      // Safe: indices were checked, and chunks own their columns.
      unsafe ck_scatter_rows(
        result.storage.floats, storage.floats, indices.indices, indices.count, columns,
        range.lowerBound, range.upperBound)
    }
    withExtendedLifetime(self) {}
    return result
  }

  /// Indices of one axis, in the order and as often as named.
  func gathered(_ indices: [Int32], axis: Int) -> Tensor {
    let order = [axis] + (0..<rank).filter { $0 != axis }
    let back = (0..<rank).map { order.firstIndex(of: $0) ?? 0 }
    return transposed(order).gatherRows(IndexTensor(indices)).transposed(back)
  }

  /// The adjoint of `gathered`.
  func scatterAdded(_ indices: [Int32], axis: Int, size: Int) -> Tensor {
    let order = [axis] + (0..<rank).filter { $0 != axis }
    let back = (0..<rank).map { order.firstIndex(of: $0) ?? 0 }
    return transposed(order).scatterAddRows(IndexTensor(indices), rows: size).transposed(back)
  }

  /// Indices of one axis, in the order and as often as named.
  ///
  /// - Precondition: `indices` has one axis and lies in the axis' range.
  public func gather(_ indices: IndexTensor, axis: Int) -> Tensor {
    check(indices.shape.rank == 1, "gather: indices \(indices.shape), expected one axis")
    return gathered(indices.indices, axis: shape.axis(axis, "gather"))
  }

  /// The adjoint of `gather(_:axis:)`; `size` is the axis' size before.
  public func scatterAdd(_ indices: IndexTensor, axis: Int, size: Int) -> Tensor {
    check(indices.shape.rank == 1, "scatterAdd: indices \(indices.shape), expected one axis")
    return scatterAdded(indices.indices, axis: shape.axis(axis, "scatterAdd"), size: size)
  }

  /// The rows (indices of the first axis) that a mask keeps, in order.
  ///
  /// - Precondition: One flag for each row.
  public func selectRows(_ mask: [Bool]) -> Tensor {
    check(rank >= 1 && mask.count == shape[0], "selectRows: \(mask.count) flags for \(shape)")
    return gatherRows(IndexTensor(mask.indices.filter { mask[$0] }.map(Int32.init)))
  }

  /// The row-major positions of the elements that are not 0.
  public var nonzeroPositions: IndexTensor {
    withScalars { span in
      IndexTensor(span.indices.filter { span[$0] != 0 }.map(Int32.init))
    }
  }

  private func checkIndices(_ indices: [Int32], below bound: Int, _ operation: String) {
    for index in indices where index < 0 || Int(index) >= bound {
      fatalError("\(operation): index \(index) for \(bound) rows")
    }
  }
}
