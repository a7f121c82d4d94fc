internal import COpenBLAS

/// A row-major matrix, or its transpose, times a vector.
struct MatrixVectorProduct {
  let rows: Int
  let columns: Int
  let isTransposed: Bool

  /// Writes the product to `target`, which holds zeros.
  func compute(matrix: Storage, vector: Storage, into target: Storage) {
    let count = isTransposed ? columns : rows
    guard rows > 0 && columns > 0 else { return }
    // Chunks of at least a quarter million elements: below, a second thread costs more than it saves.
    let grain = Swift.max((1 << 18) / Swift.max(isTransposed ? rows : columns, 1), 16)
    MatrixProduct.useOneThread
    parallelFor(count, grain: grain) { chunk in
      // Safe: the chunk is a range of the matrix' rows or columns.
      if isTransposed {
        unsafe cblas_sgemv(
          CblasRowMajor, CblasTrans, blasint(rows), blasint(chunk.count), 1,
          matrix.floats + chunk.lowerBound, blasint(columns), vector.floats, 1, 0,
          target.floats + chunk.lowerBound, 1)
      } else {
        unsafe cblas_sgemv(
          CblasRowMajor, CblasNoTrans, blasint(chunk.count), blasint(columns), 1,
          matrix.floats + chunk.lowerBound * columns, blasint(columns), vector.floats, 1, 0,
          target.floats + chunk.lowerBound, 1)
      }
    }
    withExtendedLifetime((matrix, vector, target)) {}
  }
}
