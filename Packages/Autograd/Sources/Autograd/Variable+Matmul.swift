internal import Tensor

extension Variable {
  /// The matrix product over the last two axes, for each index of the leading ones; see
  /// `Tensor.matmul`.
  ///
  /// - Parameters:
  ///   - other: The right factor.
  ///   - transposeSelf: Whether the matrices of `self` are used transposed.
  ///   - transposeOther: Whether the matrices of `other` are used transposed.
  /// - Returns: The products, `[..., M, N]`.
  public func matmul(
    _ other: Variable, transposeSelf: Bool = false, transposeOther: Bool = false
  ) -> Variable {
    let product = value.matmul(
      other.value, transposeSelf: transposeSelf, transposeOther: transposeOther)
    let left = other.requiresGradient ? value : nil
    let right = requiresGradient ? other.value : nil
    return Variable(product, parents: [self, other]) { upstream in
      // With A and B as they are used: dA = G Bᵀ and dB = Aᵀ G, themselves transposed where stored so.
      let leftGradient = right.map {
        transposeSelf
          ? $0.matmul(upstream, transposeSelf: transposeOther, transposeOther: true)
          : upstream.matmul($0, transposeOther: !transposeOther)
      }
      let rightGradient = left.map {
        transposeOther
          ? upstream.matmul($0, transposeSelf: true, transposeOther: transposeSelf)
          : $0.matmul(upstream, transposeSelf: !transposeSelf)
      }
      return [leftGradient, rightGradient]
    }
  }

  /// A fully connected layer: `self * weightᵀ + bias` over the last axis.
  ///
  /// - Parameters:
  ///   - weight: `[O, I]`, as PyTorch stores it.
  ///   - bias: `[O]`, or `nil`.
  /// - Returns: `[..., O]`.
  public func linear(_ weight: Variable, bias: Variable? = nil) -> Variable {
    let output = value.linear(weight.value, bias: bias?.value)
    let input = weight.requiresGradient ? value : nil
    let kernel = requiresGradient ? weight.value : nil
    let (hasBias, wantsBias) = (bias != nil, bias?.requiresGradient ?? false)
    return Variable(output, parents: [self, weight] + [bias].compactMap(\.self)) { upstream in
      [
        kernel.map { upstream.linearInputGradient($0) },
        input.map { upstream.linearWeightGradient(input: $0) },
      ] + (hasBias ? [wantsBias ? upstream.biasGradient() : nil] : [])
    }
  }
}
