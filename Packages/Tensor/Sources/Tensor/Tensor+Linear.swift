extension Tensor {
  /// A fully connected layer: `self * weightᵀ + bias` over the last axis.
  ///
  /// - Parameters:
  ///   - weight: `[O, I]`, as PyTorch stores it.
  ///   - bias: `[O]`, or `nil`.
  /// - Returns: `[..., O]`.
  /// - Precondition: `self` is `[..., I]`.
  public func linear(_ weight: Tensor, bias: Tensor? = nil) -> Tensor {
    check(
      rank >= 1 && weight.rank == 2 && shape[-1] == weight.shape[1],
      "linear: input \(shape), weight \(weight.shape): the weight must be [O, \(shape.last ?? 0)]")
    if let bias {
      check(
        bias.shape == [weight.shape[0]], "linear: bias \(bias.shape) for weight \(weight.shape)")
    }
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    let result = Tensor(uninitialized: shape.replacing(axis: -1, with: outputs))
    MatrixProduct(
      batch: 1, rows: outputs == 0 ? 0 : result.count / outputs, columns: outputs, depth: inputs,
      left: .init(storage: storage, columns: inputs, isTransposed: false),
      right: .init(storage: weight.storage, columns: inputs, isTransposed: true), scale: 1,
      bias: bias?.storage
    ).compute(into: result.storage, adding: false)
    return result
  }

  /// The adjoint of `linear` in its input: `self`, `[..., O]`, is the gradient of its result.
  ///
  /// - Parameter weight: `[O, I]`.
  /// - Returns: `[..., I]`.
  public func linearInputGradient(_ weight: Tensor) -> Tensor {
    check(
      rank >= 1 && weight.rank == 2 && shape[-1] == weight.shape[0],
      "linearInputGradient: upstream gradient \(shape), weight \(weight.shape): "
        + "the weight must be [\(shape.last ?? 0), I]")
    return asMatrix.matmul(weight)
      .reshaped(to: shape.replacing(axis: -1, with: weight.shape[1]))
  }

  /// The adjoint of `linear` in its weight: `self`, `[..., O]`, is the gradient of its result.
  ///
  /// - Parameter input: The layer's input, `[..., I]`.
  /// - Returns: `[O, I]`.
  public func linearWeightGradient(input: Tensor) -> Tensor {
    check(
      rank >= 1 && rank == input.rank && shape.dropLast().elementsEqual(input.shape.dropLast()),
      "linearWeightGradient: upstream gradient \(shape), input \(input.shape): "
        + "all axes but the last must agree")
    return asMatrix.matmul(input.asMatrix, transposeSelf: true)
  }

  /// The adjoint of a bias added to each channel: the sum of `self`, `[..., O]`, over all axes but
  /// the last.
  ///
  /// - Returns: `[O]`.
  public func biasGradient() -> Tensor {
    check(rank >= 1, "biasGradient: the upstream gradient is a scalar")
    let rows = asMatrix
    return rows.matvec(.ones([rows.shape[0]]), transposed: true)
  }

  /// The last axis as columns, all others as rows.
  private var asMatrix: Tensor {
    reshaped(to: [shape.dropLast().reduce(1, *), shape[-1]])
  }
}
