internal import CKernels

extension Tensor {
  /// Each row with mean 0 and variance 1, and what it was multiplied by.
  func standardizedRows(_ epsilon: Float) -> (rows: Tensor, scales: Tensor) {
    let columns = shape[-1]
    let rows = Tensor(uninitialized: shape)
    let scales = Tensor(uninitialized: Shape(Array(shape.dropLast())))
    parallelFor(scales.count, grain: rowGrain(columns)) { range in
      // Safe: all hold `scales.count` rows.
      unsafe ck_standardize_rows(
        rows.storage.floats, scales.storage.floats, storage.floats, epsilon, columns,
        range.lowerBound, range.upperBound)
    }
    withExtendedLifetime(self) {}
    return (rows, scales)
  }

  /// The adjoint of `standardizedRows`; `self` is the gradient of its rows.
  func standardizedRowsGradient(_ rows: Tensor, _ scales: Tensor) -> Tensor {
    let columns = shape[-1]
    let gradient = Tensor(uninitialized: shape)
    parallelFor(scales.count, grain: rowGrain(columns)) { range in
      // Safe: all hold `scales.count` rows.
      unsafe ck_standardize_rows_gradient(
        gradient.storage.floats, storage.floats, rows.storage.floats, scales.storage.floats,
        columns, range.lowerBound, range.upperBound)
    }
    withExtendedLifetime((self, rows, scales)) {}
    return gradient
  }
}
