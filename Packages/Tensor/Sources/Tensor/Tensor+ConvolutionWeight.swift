extension Tensor {
  /// A convolution weight in our layout, `[KH, KW, C / groups, O]`, from PyTorch's,
  /// `[O, C / groups, KH, KW]`.
  ///
  /// - Precondition: `weight` has four axes.
  public static func convolutionWeight(fromOIHW weight: Tensor) -> Tensor {
    check(weight.rank == 4, "convolutionWeight(fromOIHW:): \(weight.shape) has not four axes")
    let shape = weight.shape
    // A matrix of taps by channel pairs, transposed, then the pairs transposed at each tap.
    return weight.transposingMatrices(
      count: 1, rows: shape[0] * shape[1], columns: shape[2] * shape[3]
    )
    .transposingMatrices(count: shape[2] * shape[3], rows: shape[0], columns: shape[1])
    .reshaped(to: [shape[2], shape[3], shape[1], shape[0]])
  }

  /// This convolution weight, `[KH, KW, C / groups, O]`, in PyTorch's layout,
  /// `[O, C / groups, KH, KW]`.
  ///
  /// - Precondition: The tensor has four axes.
  public func convolutionWeightAsOIHW() -> Tensor {
    check(rank == 4, "convolutionWeightAsOIHW: \(shape) has not four axes")
    return transposingMatrices(count: shape[0] * shape[1], rows: shape[2], columns: shape[3])
      .transposingMatrices(count: 1, rows: shape[0] * shape[1], columns: shape[2] * shape[3])
      .reshaped(to: [shape[3], shape[2], shape[0], shape[1]])
  }

  private func transposingMatrices(count: Int, rows: Int, columns: Int) -> Tensor {
    unsafe withUnsafeScalars { source in
      unsafe Tensor(unsafeUninitialized: shape) { target in
        let area = rows * columns
        for start in stride(from: 0, to: count * area, by: Swift.max(area, 1)) {
          for column in 0..<columns {
            for row in 0..<rows {
              // Safe: both stay inside the matrix at `start`.
              unsafe target[start + column * rows + row] = source[start + row * columns + column]
            }
          }
        }
      }
    }
  }
}
