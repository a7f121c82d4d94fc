internal import Tensor

/// A loss computed together with its gradient, so that backward costs no second pass.
struct FusedLoss {
  /// What a kernel fills in; `nil` for what nobody asked for.
  @unsafe struct Outputs {
    /// The loss of each row.
    let losses: UnsafeMutablePointer<Float>?
    /// The derivative of the sum of the losses by the input.
    let gradient: UnsafeMutablePointer<Float>?
  }

  let value: Tensor
  private let gradient: Tensor?
  private let isReduced: Bool

  /// Runs a kernel over the rows of an input.
  ///
  /// - Parameters:
  ///   - input: What the gradient is taken by.
  ///   - lossShape: One element a row.
  ///   - reduction: `mean` and `sum` add up the rows; the factor of a mean is the kernel's part.
  ///   - wantsGradient: Whether the kernel shall compute the gradient.
  ///   - kernel: Sets every output of a range of rows and returns the sum of their losses.
  init(
    _ input: Tensor, lossShape: Shape, reduction: Reduction, wantsGradient: Bool,
    kernel: (Range<Int>, Outputs) -> Double
  ) {
    isReduced = reduction != .none
    var losses = isReduced ? nil : Tensor.unset(lossShape)
    var gradient = wantsGradient ? Tensor.unset(input.shape) : nil
    let rows = lossShape.elementCount
    let total = unsafe withMutablePointer(&losses) { losses in
      unsafe withMutablePointer(&gradient) { gradient in
        let outputs = unsafe Outputs(losses: losses, gradient: gradient)
        return chunkedSum(rows, grain: rowGrain(columns: input.count / max(rows, 1))) {
          unsafe kernel($0, outputs)
        }
      }
    }
    value = losses ?? Tensor(Float(total))
    self.gradient = gradient
  }

  /// The gradient of the input, given the result's.
  func inputGradient(_ upstream: Tensor) -> Tensor? {
    gradient.map { isReduced ? $0.scaled(by: upstream.scalar) : $0.scaled(rowsBy: upstream) }
  }
}

extension Variable {
  /// Whether an operation on this variable will be asked for a gradient.
  var isRecorded: Bool { requiresGradient && Recording.isEnabled }
}
