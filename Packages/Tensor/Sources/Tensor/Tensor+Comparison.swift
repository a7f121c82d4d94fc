internal import CKernels

/// Comparisons, elementwise: 1 where they hold, else 0; NaN compares as in C. Shapes are stretched to
/// each other by NumPy's rule.
extension Tensor {
  /// 1 where greater, else 0.
  public func greater(than other: Tensor) -> Tensor {
    combined(with: other, ck_binary_greater, "greater")
  }

  /// 1 where greater or equal, else 0.
  public func greaterOrEqual(to other: Tensor) -> Tensor {
    combined(with: other, ck_binary_greater_equal, "greaterOrEqual")
  }

  /// 1 where less, else 0.
  public func less(than other: Tensor) -> Tensor {
    other.combined(with: self, ck_binary_greater, "less")
  }

  /// 1 where less or equal, else 0.
  public func lessOrEqual(to other: Tensor) -> Tensor {
    other.combined(with: self, ck_binary_greater_equal, "lessOrEqual")
  }

  /// 1 where equal, else 0; the shapes may differ, unlike for `==`.
  public func equal(to other: Tensor) -> Tensor {
    combined(with: other, ck_binary_equal, "equal")
  }

  /// 1 where greater than a number, else 0.
  public func greater(than number: Float) -> Tensor { greater(than: Tensor(number)) }

  /// 1 where greater than a number or equal to it, else 0.
  public func greaterOrEqual(to number: Float) -> Tensor { greaterOrEqual(to: Tensor(number)) }

  /// 1 where less than a number, else 0.
  public func less(than number: Float) -> Tensor { less(than: Tensor(number)) }

  /// 1 where less than a number or equal to it, else 0.
  public func lessOrEqual(to number: Float) -> Tensor { lessOrEqual(to: Tensor(number)) }

  /// 1 where equal to a number, else 0.
  public func equal(to number: Float) -> Tensor { equal(to: Tensor(number)) }

  /// Elements of `self` where the mask is not 0, else those of `other`: `torch.where`.
  ///
  /// - Parameters:
  ///   - other: What stands in; stretched to this tensor's shape.
  ///   - mask: Where to keep; stretched likewise.
  /// - Returns: A tensor of this one's shape.
  /// - Precondition: Both stretch to this tensor's shape by NumPy's rule.
  public func replacing(with other: Tensor, whereZero mask: Tensor) -> Tensor {
    check(
      other.shape.broadcast(with: shape) == shape && mask.shape.broadcast(with: shape) == shape,
      "replacing: \(shape), other \(other.shape), mask \(mask.shape): do not stretch to the first")
    let (other, mask) = (other.broadcast(to: shape), mask.broadcast(to: shape))
    let result = Tensor(uninitialized: shape)
    parallelFor(count, grain: elementwiseGrain) { range in
      // Safe: all hold `count` elements, and chunks do not overlap.
      unsafe ck_select(
        result.storage.floats, mask.storage.floats, storage.floats, other.storage.floats,
        range.lowerBound, range.upperBound)
    }
    withExtendedLifetime((self, other, mask)) {}
    return result
  }

  /// The row-major position of the first element that is infinite or NaN; `nil` where none is.
  public var firstNotFinite: Int? {
    withScalars { span in
      for index in span.indices where !span[index].isFinite { return index }
      return nil
    }
  }
}
