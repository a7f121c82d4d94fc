internal import CKernels

extension Tensor {
  /// Scales each row, the elements along the last axis, to length 1.
  ///
  /// - Parameter smallest: Shorter rows are divided by it instead, as
  ///   `torch.nn.functional.normalize` does with its `eps`.
  /// - Returns: The rows, and their lengths before: the shape without the last axis.
  public func normalizedRows(smallest: Float = 1e-12) -> (rows: Tensor, lengths: Tensor) {
    check(rank >= 1, "normalizedRows: a scalar has no rows")
    let columns = shape[-1]
    let rows = Tensor(uninitialized: shape)
    let lengths = Tensor(uninitialized: Shape(Array(shape.dropLast())))
    parallelFor(lengths.count, grain: rowGrain(columns)) { range in
      // Safe: all hold `lengths.count` rows.
      unsafe ck_normalize_rows(
        rows.storage.floats, lengths.storage.floats, storage.floats, smallest, columns,
        range.lowerBound, range.upperBound)
    }
    withExtendedLifetime(self) {}
    return (rows, lengths)
  }

  /// The adjoint of `normalizedRows` in its rows; `self` are the rows it returned.
  ///
  /// - Parameters:
  ///   - upstream: The gradient of the normalised rows.
  ///   - lengths: The lengths it returned.
  ///   - smallest: As given to it.
  /// - Returns: The gradient of the input.
  public func normalizedRowsGradient(
    _ upstream: Tensor, lengths: Tensor, smallest: Float = 1e-12
  ) -> Tensor {
    check(
      upstream.shape == shape && lengths.shape.elementsEqual(shape.dropLast()),
      "normalizedRowsGradient: upstream \(upstream.shape), lengths \(lengths.shape), rows \(shape)")
    let columns = shape[-1]
    let gradient = Tensor(uninitialized: shape)
    parallelFor(lengths.count, grain: rowGrain(columns)) { range in
      // Safe: all hold `lengths.count` rows.
      unsafe ck_normalize_rows_gradient(
        gradient.storage.floats, upstream.storage.floats, storage.floats, lengths.storage.floats,
        smallest, columns, range.lowerBound, range.upperBound)
    }
    withExtendedLifetime((self, upstream, lengths)) {}
    return gradient
  }

  /// The cosine of each row with the row of `other` at the same place; rows shorter than 1e-8 count
  /// as that long, as in PyTorch.
  public func cosineSimilarity(_ other: Tensor) -> Tensor {
    check(
      shape == other.shape && rank >= 1,
      "cosineSimilarity: \(shape) and \(other.shape): shapes differ")
    return (normalizedRows(smallest: 1e-8).rows * other.normalizedRows(smallest: 1e-8).rows)
      .sum([-1])
  }

  /// The cosines of all pairs of rows: `[M, D]` with `[N, D]` gives `[M, N]`.
  public func cosineMatrix(_ other: Tensor) -> Tensor {
    check(
      rank == 2 && other.rank == 2 && shape[1] == other.shape[1],
      "cosineMatrix: \(shape) and \(other.shape), expected [M, D] and [N, D]")
    return normalizedRows(smallest: 1e-8).rows
      .matmul(other.normalizedRows(smallest: 1e-8).rows, transposeOther: true)
  }
}
