internal import Tensor

/// Reductions over axes; negative ones count from the last, none given means all.
extension Variable {
  /// The sum.
  public func sum(_ axes: [Int]? = nil, keepingAxes: Bool = false) -> Variable {
    let (shape, kept) = (shape, keptShape(axes))
    return Variable(value.sum(axes, keepingAxes: keepingAxes), parents: [self]) { upstream in
      [upstream.reshaped(to: kept).broadcast(to: shape)]
    }
  }

  /// The mean.
  public func mean(_ axes: [Int]? = nil, keepingAxes: Bool = false) -> Variable {
    let (shape, kept) = (shape, keptShape(axes))
    let share = Float(kept.elementCount) / Float(Swift.max(shape.elementCount, 1))
    return Variable(value.mean(axes, keepingAxes: keepingAxes), parents: [self]) { upstream in
      [(upstream * share).reshaped(to: kept).broadcast(to: shape)]
    }
  }

  /// The maximum; equal elements share the gradient, as in PyTorch's `amax`.
  public func max(_ axes: [Int]? = nil, keepingAxes: Bool = false) -> Variable {
    extreme(value.max(axes, keepingAxes: true), axes, keepingAxes)
  }

  /// The minimum; equal elements share the gradient, as in PyTorch's `amin`.
  public func min(_ axes: [Int]? = nil, keepingAxes: Bool = false) -> Variable {
    extreme(value.min(axes, keepingAxes: true), axes, keepingAxes)
  }

  private func extreme(_ kept: Tensor, _ axes: [Int]?, _ keepingAxes: Bool) -> Variable {
    let input = value
    let result = keepingAxes ? kept : kept.reshaped(to: removedShape(axes))
    return Variable(result, parents: [self]) { upstream in
      let mask = input.equal(to: kept)
      let share = upstream.reshaped(to: kept.shape) / mask.sum(axes, keepingAxes: true)
      return [mask * share]
    }
  }

  /// The variance; see `Tensor.variance`.
  public func variance(
    _ axes: [Int]? = nil, correction: Int = 1, keepingAxes: Bool = false
  ) -> Variable {
    let input = value
    let kept = keptShape(axes)
    let divisor = Swift.max(shape.elementCount / Swift.max(kept.elementCount, 1) - correction, 0)
    let result = input.variance(axes, correction: correction, keepingAxes: keepingAxes)
    return Variable(result, parents: [self]) { upstream in
      let centered = input - input.mean(axes, keepingAxes: true)
      return [centered * (upstream.reshaped(to: kept) * (2 / Float(divisor)))]
    }
  }

  /// The square root of the variance, see `Tensor.variance`; where it is 0, so is the gradient.
  public func standardDeviation(
    _ axes: [Int]? = nil, correction: Int = 1, keepingAxes: Bool = false
  ) -> Variable {
    variance(axes, correction: correction, keepingAxes: keepingAxes).lengthsOfSquares()
  }

  /// `log(sum(e^x))` over one axis, without overflow.
  public func logSumExp(_ axis: Int = -1, keepingAxis: Bool = false) -> Variable {
    let input = value
    let kept = input.logSumExp(axis, keepingAxis: true)
    let result = keepingAxis ? kept : kept.reshaped(to: removedShape([axis]))
    return Variable(result, parents: [self]) { upstream in
      [(input - kept).exp() * upstream.reshaped(to: kept.shape)]
    }
  }

  /// The Euclidean length over axes; where it is 0, so is the gradient.
  public func norm(_ axes: [Int]? = nil, keepingAxes: Bool = false) -> Variable {
    squared().sum(axes, keepingAxes: keepingAxes).lengthsOfSquares()
  }

  /// The square roots of sums of squares; at 0 the gradient is 0, as PyTorch has it for lengths,
  /// while that of `squareRoot` is infinite.
  private func lengthsOfSquares() -> Variable {
    let output = value.squareRoot()
    return Variable(output, parents: [self]) { upstream in
      let isZero = output.equal(to: 0)
      return [upstream * (0.5 - 0.5 * isZero) / (output + isZero)]
    }
  }

  private func keptShape(_ axes: [Int]?) -> Shape {
    let reduced = Set((axes ?? Array(0..<shape.rank)).map { shape.axis($0) })
    return Shape(shape.indices.map { reduced.contains($0) ? 1 : shape[$0] })
  }

  private func removedShape(_ axes: [Int]?) -> Shape {
    let reduced = Set((axes ?? Array(0..<shape.rank)).map { shape.axis($0) })
    return Shape(shape.indices.filter { !reduced.contains($0) }.map { shape[$0] })
  }
}
