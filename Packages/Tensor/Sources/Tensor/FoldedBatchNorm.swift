internal import CKernels

/// A batch norm with fixed statistics, folded into the convolution before it.
///
/// With `r = 1 / sqrt(variance + epsilon)`, `norm(convolution(x, W))` is
/// `convolution(x, r * gamma * W) + (beta - mean * r * gamma)`: no pass over the activations, and
/// none of them stored. `gamma` and `beta` may still train: their gradients follow from the
/// convolution's.
public struct FoldedBatchNorm: Sendable {
  /// The convolution's bias, `[O]`: `beta - mean * r * gamma`.
  public let bias: Tensor

  private let gamma: Tensor
  private let mean: Tensor
  private let variance: Tensor
  private let epsilon: Float
  private let inverseDeviation: Tensor
  private let scale: Tensor

  /// Folds a batch norm over `O` channels.
  ///
  /// - Parameters:
  ///   - gamma: The scale, `[O]`.
  ///   - beta: The shift, `[O]`.
  ///   - mean: The fixed mean, `[O]`.
  ///   - variance: The fixed variance, `[O]`, 0 or more.
  ///   - epsilon: Added to the variance.
  public init(gamma: Tensor, beta: Tensor, mean: Tensor, variance: Tensor, epsilon: Float) {
    check(
      gamma.rank == 1 && [beta, mean, variance].allSatisfy { $0.shape == gamma.shape },
      "FoldedBatchNorm: gamma \(gamma.shape), beta \(beta.shape), mean \(mean.shape), "
        + "variance \(variance.shape): all must be [O]")
    (self.gamma, self.mean, self.variance, self.epsilon) = (gamma, mean, variance, epsilon)
    let inverse = variance.scalars.map { 1 / ($0 + epsilon).squareRoot() }
    let scale = zip(inverse, gamma.scalars).map(*)
    inverseDeviation = Tensor(inverse)
    self.scale = Tensor(scale)
    let shifts = zip(mean.scalars, scale).map(*)
    bias = Tensor(zip(beta.scalars, shifts).map(-))
  }

  /// The convolution's weight, `r * gamma * weight`.
  ///
  /// Kept with `weight` and returned again while neither it nor the norm has changed.
  ///
  /// - Parameter weight: `[KH, KW, C / groups, O]`.
  /// - Returns: A weight of the same shape.
  public func fold(_ weight: Tensor) -> Tensor {
    checkWeight(weight)
    let sources = [gamma.storage, variance.storage]
    let folded = weight.storage.form(.normalized(epsilon: epsilon), from: sources) {
      let folded = Storage(byteCount: weight.count * MemoryLayout<Float>.stride)
      let columns = scale.count
      parallelFor(weight.count / columns, grain: rowGrain(columns)) { rows in
        // Safe: both hold whole rows of `columns` floats, and chunks do not overlap.
        unsafe ck_scale_columns(
          folded.floats, weight.storage.floats, scale.storage.floats, columns, rows.lowerBound,
          rows.upperBound)
      }
      return folded
    }
    return Tensor(shape: weight.shape, storage: folded)
  }

  /// The gradients of what was folded, from those of the convolution's weight and bias.
  ///
  /// - Parameters:
  ///   - weight: The weight before folding.
  ///   - foldedWeightGradient: The gradient of `fold(weight)`.
  ///   - biasGradient: The gradient of `bias`.
  /// - Returns: The gradients of `weight`, `gamma` and `beta`.
  public func gradients(
    weight: Tensor, foldedWeightGradient: consuming Tensor, biasGradient: Tensor
  ) -> (weight: Tensor, gamma: Tensor, beta: Tensor) {
    checkWeight(weight)
    check(
      foldedWeightGradient.shape == weight.shape && biasGradient.shape == scale.shape,
      "FoldedBatchNorm gradients: weight \(weight.shape), its gradient "
        + "\(foldedWeightGradient.shape), bias gradient \(biasGradient.shape)")
    let columns = scale.count
    let rows = weight.count / columns
    let grain = rowGrain(columns)
    let partials = Tensor(uninitialized: [(rows + grain - 1) / grain, columns])
    unsafe foldedWeightGradient.withUnsafeMutableScalars { gradient in
      parallelFor(rows, grain: grain) { chunk in
        // Safe: all hold whole rows of `columns` floats; a chunk has a row of `partials`.
        unsafe ck_scale_columns_and_dot(
          gradient.baseAddress, partials.storage.floats + chunk.lowerBound / grain * columns,
          gradient.baseAddress, weight.storage.floats, scale.storage.floats, columns,
          chunk.lowerBound, chunk.upperBound)
      }
    }
    let dots = partials.matvec(.ones([partials.shape[0]]), transposed: true).scalars
    let (means, biases) = (mean.scalars, biasGradient.scalars)
    let gamma = inverseDeviation.scalars.enumerated().map { channel, inverse in
      inverse * (dots[channel] - means[channel] * biases[channel])
    }
    return (foldedWeightGradient, Tensor(gamma), biasGradient)
  }

  // A chunk outweighs the cost of handing it out.
  private func rowGrain(_ columns: Int) -> Int { Swift.max((1 << 15) / columns, 1) }

  private func checkWeight(_ weight: Tensor) {
    check(
      weight.rank == 4 && weight.shape[3] == scale.count,
      "FoldedBatchNorm: weight \(weight.shape) for \(scale.count) channels")
  }
}
