extension Tensor {
  /// The matrix product of `self` and `other`, for each of the leading axes' indices.
  ///
  /// `[M, K]` by `[K, N]` gives `[M, N]`; with leading axes, which must be equal, `[..., M, K]` by
  /// `[..., K, N]` gives `[..., M, N]`. A transposed operand is `[..., K, M]` or `[..., N, K]` as
  /// it is stored; transposing costs nothing.
  ///
  /// - Parameters:
  ///   - other: The right factor.
  ///   - transposeSelf: Whether the matrices of `self` are used transposed.
  ///   - transposeOther: Whether the matrices of `other` are used transposed.
  /// - Returns: The products. A sum over no products, `K == 0`, is 0.
  /// - Precondition: Both have the same rank, 2 or more, equal leading axes and equal inner size.
  public func matmul(
    _ other: Tensor, transposeSelf: Bool = false, transposeOther: Bool = false
  ) -> Tensor {
    let (product, shape) = matrixProduct(
      "matmul", other, transposeSelf: transposeSelf, transposeOther: transposeOther, scale: 1)
    guard product.depth > 0 else { return .zeros(shape) }
    let result = Tensor(uninitialized: shape)
    product.compute(into: result.storage, adding: false)
    return result
  }

  /// Adds `scale * lhs * rhs` to `self`, in place where its memory is not shared.
  ///
  /// - Parameters:
  ///   - lhs: The left factor; see `matmul`.
  ///   - rhs: The right factor.
  ///   - transposeLeft: Whether the matrices of `lhs` are used transposed.
  ///   - transposeRight: Whether the matrices of `rhs` are used transposed.
  ///   - scale: The product's weight.
  /// - Precondition: `self` has the product's shape.
  public mutating func addMatmul(
    _ lhs: Tensor, _ rhs: Tensor, transposeLeft: Bool = false, transposeRight: Bool = false,
    scale: Float = 1
  ) {
    let (product, shape) = lhs.matrixProduct(
      "addMatmul", rhs, transposeSelf: transposeLeft, transposeOther: transposeRight, scale: scale)
    check(shape == self.shape, "addMatmul: a product \(shape) added to \(self.shape)")
    guard product.depth > 0 else { return }
    makeUnique()
    product.compute(into: storage, adding: true)
  }

  /// The product of a matrix and a vector.
  ///
  /// - Parameters:
  ///   - vector: `[K]`.
  ///   - transposed: Whether the matrix is used transposed: `[K, M]` instead of `[M, K]`.
  /// - Returns: `[M]`.
  /// - Precondition: `self` is a matrix and its inner size is the vector's.
  public func matvec(_ vector: Tensor, transposed: Bool = false) -> Tensor {
    check(
      rank == 2 && vector.rank == 1 && shape[transposed ? 0 : 1] == vector.shape[0],
      "matvec: \(shape)\(transposed ? " transposed" : "") by \(vector.shape): sizes do not agree")
    let result = Tensor.zeros([shape[transposed ? 1 : 0]])
    MatrixVectorProduct(rows: shape[0], columns: shape[1], isTransposed: transposed)
      .compute(matrix: storage, vector: vector.storage, into: result.storage)
    return result
  }

  private func matrixProduct(
    _ operation: String, _ other: Tensor, transposeSelf: Bool, transposeOther: Bool, scale: Float
  ) -> (MatrixProduct, Shape) {
    func name(_ shape: Shape, _ transposed: Bool) -> String {
      transposed ? "\(shape) transposed" : "\(shape)"
    }
    func sides() -> String {
      "\(operation): \(name(shape, transposeSelf)) by \(name(other.shape, transposeOther))"
    }
    check(rank >= 2 && rank == other.rank, "\(sides()): both must be matrices of the same rank")
    let leading = Array(shape.dropLast(2))
    check(leading == Array(other.shape.dropLast(2)), "\(sides()): leading axes differ")
    let (rows, depth) =
      transposeSelf ? (shape[-1], shape[-2]) : (shape[-2], shape[-1])
    let (otherDepth, columns) =
      transposeOther ? (other.shape[-1], other.shape[-2]) : (other.shape[-2], other.shape[-1])
    check(depth == otherDepth, "\(sides()): inner sizes differ, \(depth) and \(otherDepth)")
    let product = MatrixProduct(
      batch: leading.reduce(1, *), rows: rows, columns: columns, depth: depth,
      left: .init(storage: storage, columns: shape[-1], isTransposed: transposeSelf),
      right: .init(storage: other.storage, columns: other.shape[-1], isTransposed: transposeOther),
      scale: scale)
    return (product, Shape(leading + [rows, columns]))
  }
}
