public import Tensor

/// Choosing elements by position; what is not chosen gets no gradient.
extension Variable {
  /// Rows, that is indices of the first axis, in the order and as often as named.
  public func gatherRows(_ indices: IndexTensor) -> Variable {
    let rows = shape[0]
    return Variable(value.gatherRows(indices), parents: [self]) {
      [$0.scatterAddRows(indices, rows: rows)]
    }
  }

  /// The rows of `self` added up at their indices in zeros: the adjoint of `gatherRows`.
  public func scatterAddRows(_ indices: IndexTensor, rows: Int) -> Variable {
    Variable(value.scatterAddRows(indices, rows: rows), parents: [self]) {
      [$0.gatherRows(indices)]
    }
  }

  /// Indices of one axis, in the order and as often as named.
  public func gather(_ indices: IndexTensor, axis: Int) -> Variable {
    let size = shape[axis]
    return Variable(value.gather(indices, axis: axis), parents: [self]) {
      [$0.scatterAdd(indices, axis: axis, size: size)]
    }
  }

  /// The rows that a mask keeps, in order.
  public func selectRows(_ mask: [Bool]) -> Variable {
    check(mask.count == shape[0], "selectRows: \(mask.count) flags for \(shape)")
    return gatherRows(IndexTensor(mask.indices.filter { mask[$0] }.map(Int32.init)))
  }

  /// The `count` largest elements of each row, largest first; see `Tensor.topK`.
  ///
  /// - Returns: The elements, and their positions in the row.
  public func topK(_ count: Int) -> (values: Variable, indices: IndexTensor) {
    let (values, indices) = value.topK(count)
    return (chosen(values, indices), indices)
  }

  /// Each row in order; see `Tensor.sorted`.
  ///
  /// - Returns: The ordered rows, and where each element was.
  public func sorted(descending: Bool = false) -> (values: Variable, indices: IndexTensor) {
    let (values, indices) = value.sorted(descending: descending)
    return (chosen(values, indices), indices)
  }

  /// Elements of each row by their positions in it.
  private func chosen(_ values: Tensor, _ indices: IndexTensor) -> Variable {
    let shape = shape
    let columns = shape[-1]
    let kept = Swift.max(values.shape[-1], 1)
    return Variable(values, parents: [self]) { upstream in
      let positions = indices.indices.enumerated().map { index, position in
        Int32(index / kept * columns) + position
      }
      return [
        upstream.reshaped(-1, 1)
          .scatterAddRows(IndexTensor(positions), rows: shape.elementCount).reshaped(to: shape)
      ]
    }
  }
}
