internal import Tensor

extension Variable {
  /// Shares proportional to the exponentials along an axis; they sum to 1.
  public func softmax(_ axis: Int = -1) -> Variable {
    let output = value.softmax(axis)
    return Variable(output, parents: [self]) { [output.softmaxGradient($0, axis)] }
  }

  /// The logarithm of `softmax`, without its rounding.
  public func logSoftmax(_ axis: Int = -1) -> Variable {
    let output = value.logSoftmax(axis)
    return Variable(output, parents: [self]) { [output.logSoftmaxGradient($0, axis)] }
  }

  /// Each row, the elements along the last axis, scaled to length 1; see `Tensor.normalizedRows`.
  public func normalizedRows(smallest: Float = 1e-12) -> Variable {
    let (rows, lengths) = value.normalizedRows(smallest: smallest)
    return Variable(rows, parents: [self]) {
      [rows.normalizedRowsGradient($0, lengths: lengths, smallest: smallest)]
    }
  }

  /// The cosine of each row with the row of `other` at the same place.
  public func cosineSimilarity(_ other: Variable) -> Variable {
    (normalizedRows(smallest: 1e-8) * other.normalizedRows(smallest: 1e-8)).sum([-1])
  }
}
