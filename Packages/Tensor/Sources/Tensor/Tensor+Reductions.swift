internal import CKernels

/// Reductions over any axes. `axes` may be negative (-1 is the last); none given means all.
/// Results do not depend on the number of threads: long sums are taken over fixed parts in
/// `Double`, and the parts in order.
extension Tensor {
  /// The sum over axes.
  public func sum(_ axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    reduced(ck_reduce_sum, axes, keepingAxes, scale: 1)
  }

  /// The mean over axes; NaN over no elements.
  public func mean(_ axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    let plan = ReductionAxes(shape, axes)
    return reduced(ck_reduce_sum, axes, keepingAxes, scale: 1 / Double(plan.reducedCount))
  }

  /// The maximum over axes; NaN wins.
  ///
  /// - Precondition: There is an element to choose.
  public func max(_ axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    check(ReductionAxes(shape, axes).reducedCount > 0, "max: \(shape) over no elements")
    return reduced(ck_reduce_maximum, axes, keepingAxes, scale: 1)
  }

  /// The minimum over axes; NaN wins.
  ///
  /// - Precondition: There is an element to choose.
  public func min(_ axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    check(ReductionAxes(shape, axes).reducedCount > 0, "min: \(shape) over no elements")
    return reduced(ck_reduce_minimum, axes, keepingAxes, scale: 1)
  }

  /// The variance over axes.
  ///
  /// - Parameters:
  ///   - axes: The axes; all by default.
  ///   - correction: What is subtracted from the count to divide by: 1 for the unbiased estimate,
  ///     PyTorch's default, 0 for the mean square.
  ///   - keepingAxes: Whether reduced axes stay, with size 1.
  /// - Returns: NaN where the count is not above the correction.
  public func variance(
    _ axes: [Int]? = nil, correction: Int = 1, keepingAxes: Bool = false
  ) -> Tensor {
    let count = ReductionAxes(shape, axes).reducedCount
    let centered = self - mean(axes, keepingAxes: true)
    let divisor = Swift.max(count - correction, 0)
    return centered.squared().reduced(
      ck_reduce_sum, axes, keepingAxes, scale: 1 / Double(divisor))
  }

  /// The square root of `variance`.
  public func standardDeviation(
    _ axes: [Int]? = nil, correction: Int = 1, keepingAxes: Bool = false
  ) -> Tensor {
    variance(axes, correction: correction, keepingAxes: keepingAxes).squareRoot()
  }

  /// `log(sum(e^x))` over one axis, without overflow.
  public func logSumExp(_ axis: Int = -1, keepingAxis: Bool = false) -> Tensor {
    byRows(axis, keepingAxis, "logSumExp") { rows, count, out in
      parallelFor(out.count, grain: rowGrain(count)) { range in
        // Safe: the rows and the results hold `out.count` rows.
        unsafe ck_log_sum_exp(
          out.storage.floats, rows.storage.floats, count, range.lowerBound, range.upperBound)
      }
    }
  }

  /// The position of the maximum along an axis: the first of equal ones; a NaN counts as one.
  ///
  /// - Precondition: The axis is not empty.
  public func argmax(_ axis: Int = -1) -> IndexTensor {
    let axis = shape.axis(axis, "argmax")
    let count = shape[axis]
    check(count > 0, "argmax: axis \(axis) of \(shape) is empty")
    let rows = movingAxisLast(axis)
    let shape = Shape(shape.removing(axis))
    let indices = unsafe [Int32](unsafeUninitializedCapacity: shape.elementCount) {
      out, initialized in
      let out = out.baseAddress
      parallelFor(shape.elementCount, grain: rowGrain(count)) { range in
        // Safe: both hold `shape.elementCount` rows.
        unsafe ck_argmax(out, rows.storage.floats, count, range.lowerBound, range.upperBound)
      }
      initialized = shape.elementCount
    }
    withExtendedLifetime(rows) {}
    return IndexTensor(indices, shape: shape)
  }

  /// The position of the minimum along an axis: the first of equal ones; a NaN counts as one.
  public func argmin(_ axis: Int = -1) -> IndexTensor { (-self).argmax(axis) }

  /// The value below which a share of the elements along an axis lies.
  ///
  /// Interpolated linearly between neighbours, as `torch.quantile` does; NaN where one element is.
  ///
  /// - Parameters:
  ///   - share: In 0...1; 0.5 is the median.
  ///   - axis: The axis to reduce.
  ///   - keepingAxis: Whether it stays, with size 1.
  /// - Returns: One value for every other position.
  public func quantile(_ share: Double, _ axis: Int = -1, keepingAxis: Bool = false) -> Tensor {
    check(share >= 0 && share <= 1, "quantile: share \(share), expected 0...1")
    return byRows(axis, keepingAxis, "quantile") { rows, count, out in
      let position = share * Double(count - 1)
      let below = Int(position)
      let weight = Float(position - Double(below))
      parallelFor(out.count, grain: rowGrain(count)) { range in
        for row in range {
          // Safe: `row` is one of the `out.count` rows.
          let values = unsafe UnsafeBufferPointer(
            start: rows.storage.floats + row * count, count: count)
          var result = Float.nan
          if unsafe !values.contains(where: \.isNaN) {
            let sorted = unsafe values.sorted()
            let above = Swift.min(below + 1, count - 1)
            result = sorted[below]
            // Not at equal neighbours: infinities would give NaN.
            if weight > 0 && sorted[above] != sorted[below] {
              result += (sorted[above] - sorted[below]) * weight
            }
          }
          unsafe out.storage.floats[row] = result
        }
      }
    }
  }

  /// The number of elements that are not 0; NaN is not.
  public var nonzeroCount: Int {
    withScalars { span in
      var found = 0
      for index in span.indices where span[index] != 0 { found += 1 }
      return found
    }
  }

  /// The Euclidean length over axes.
  public func norm(_ axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    squared().sum(axes, keepingAxes: keepingAxes).squareRoot()
  }
}

/// Rows a chunk of a loop over rows.
func rowGrain(_ columns: Int) -> Int { Swift.max(elementwiseGrain / Swift.max(columns, 1), 1) }

extension Tensor {
  /// The axis' elements as rows of a matrix, copied only where it is not the last one.
  func movingAxisLast(_ axis: Int) -> Tensor {
    axis == rank - 1 ? self : transposed((0..<rank).filter { $0 != axis } + [axis])
  }

  private func byRows(
    _ axis: Int, _ keeping: Bool, _ name: String, _ compute: (Tensor, Int, Tensor) -> Void
  ) -> Tensor {
    let axis = shape.axis(axis, name)
    check(shape[axis] > 0, "\(name): axis \(axis) of \(shape) is empty")
    let out = Tensor(uninitialized: Shape(shape.removing(axis)))
    let rows = movingAxisLast(axis)
    compute(rows, shape[axis], out)
    withExtendedLifetime(rows) {}
    return keeping ? out.reshaped(to: shape.replacing(axis: axis, with: 1)) : out
  }

  private func reduced(
    _ operation: ck_reduction, _ axes: [Int]?, _ keeping: Bool, scale: Double
  ) -> Tensor {
    let plan = ReductionAxes(shape, axes)
    let source = plan.isContiguous ? self : transposed(plan.kept + plan.reduced)
    let (outer, count, inner) = plan.extents
    let result = Tensor(uninitialized: plan.result(keepingAxes: keeping))
    guard result.count > 0 else { return result }
    // Parts of the reduced axis: fixed, and enough of them for the threads.
    let part = Swift.max(elementwiseGrain / Swift.max(inner, 1), 1)
    let parts = Swift.max((count - 1) / part + 1, 1)
    var partial = [Double](repeating: 0, count: outer * parts * inner)
    unsafe partial.withUnsafeMutableBufferPointer { partial in
      guard let partial = partial.baseAddress else { return }
      parallelFor(outer * parts, grain: rowGrain(Swift.min(part, count) * inner)) { range in
        for index in range {
          let begin = index % parts * part
          // Safe: the part lies in the source; its results are `inner` numbers of their own.
          unsafe ck_reduce_part(
            operation, partial + index * inner,
            source.storage.floats + index / parts * count * inner, inner, begin,
            Swift.min(begin + part, count))
        }
      }
    }
    withExtendedLifetime(source) {}
    for index in 0..<outer {
      for channel in 0..<inner {
        var total = partial[index * parts * inner + channel]
        for other in 1..<Swift.max(parts, 1) {
          let next = partial[(index * parts + other) * inner + channel]
          switch operation {
          case ck_reduce_sum: total += next
          case ck_reduce_maximum: total = total.isNaN || total > next ? total : next
          default: total = total.isNaN || total < next ? total : next
          }
        }
        // Safe: the result holds `outer * inner` elements.
        unsafe result.storage.floats[index * inner + channel] = Float(total * scale)
      }
    }
    return result
  }
}

/// Which axes a reduction keeps and which it removes.
private struct ReductionAxes {
  let shape: Shape
  let kept: [Int]
  let reduced: [Int]

  init(_ shape: Shape, _ axes: [Int]?) {
    let chosen = Set((axes ?? Array(0..<shape.rank)).map { shape.axis($0, "reduction") })
    self.shape = shape
    reduced = chosen.sorted()
    kept = (0..<shape.rank).filter { !chosen.contains($0) }
  }

  var reducedCount: Int { reduced.reduce(1) { $0 * shape[$1] } }

  /// Whether the reduced axes are neighbours.
  var isContiguous: Bool {
    guard let first = reduced.first, let last = reduced.last else { return true }
    return last - first + 1 == reduced.count
  }

  /// The sizes before, of and after the reduced axes, once they are neighbours.
  var extents: (outer: Int, count: Int, inner: Int) {
    guard isContiguous, let first = reduced.first, let last = reduced.last else {
      return (kept.reduce(1) { $0 * shape[$1] }, reducedCount, 1)
    }
    let sizes = shape.dimensions
    return (
      sizes[..<first].reduce(1, *), reducedCount, sizes[(last + 1)...].reduce(1, *)
    )
  }

  func result(keepingAxes: Bool) -> Shape {
    keepingAxes
      ? Shape(shape.indices.map { reduced.contains($0) ? 1 : shape[$0] })
      : Shape(kept.map { shape[$0] })
  }
}

extension Shape {
  /// The sizes without one axis'.
  func removing(_ axis: Int) -> [Int] {
    var sizes = dimensions
    sizes.remove(at: axis)
    return sizes
  }
}
