internal import CKernels

/// Elementwise functions of two tensors. Shapes are stretched to each other by NumPy's rule.
extension Tensor {
  /// The elementwise sum.
  public static func + (lhs: Tensor, rhs: Tensor) -> Tensor {
    lhs.combined(with: rhs, ck_binary_add, "+")
  }

  /// The elementwise difference.
  public static func - (lhs: Tensor, rhs: Tensor) -> Tensor {
    lhs.combined(with: rhs, ck_binary_subtract, "-")
  }

  /// The elementwise product.
  public static func * (lhs: Tensor, rhs: Tensor) -> Tensor {
    lhs.combined(with: rhs, ck_binary_multiply, "*")
  }

  /// The elementwise quotient.
  public static func / (lhs: Tensor, rhs: Tensor) -> Tensor {
    lhs.combined(with: rhs, ck_binary_divide, "/")
  }

  /// The sum with a number.
  public static func + (lhs: Tensor, rhs: Float) -> Tensor { lhs.affine(scale: 1, shift: rhs) }

  /// The sum with a number.
  public static func + (lhs: Float, rhs: Tensor) -> Tensor { rhs.affine(scale: 1, shift: lhs) }

  /// The difference from a number.
  public static func - (lhs: Tensor, rhs: Float) -> Tensor { lhs.affine(scale: 1, shift: -rhs) }

  /// The difference of a number and each element.
  public static func - (lhs: Float, rhs: Tensor) -> Tensor { rhs.affine(scale: -1, shift: lhs) }

  /// The product with a number.
  public static func * (lhs: Tensor, rhs: Float) -> Tensor { lhs.affine(scale: rhs, shift: 0) }

  /// The product with a number.
  public static func * (lhs: Float, rhs: Tensor) -> Tensor { rhs.affine(scale: lhs, shift: 0) }

  /// The quotient by a number.
  public static func / (lhs: Tensor, rhs: Float) -> Tensor { lhs / Tensor(rhs) }

  /// The quotient of a number and each element.
  public static func / (lhs: Float, rhs: Tensor) -> Tensor { Tensor(lhs) / rhs }

  /// The larger of both, elementwise; NaN wins.
  public func maximum(_ other: Tensor) -> Tensor {
    combined(with: other, ck_binary_maximum, "maximum")
  }

  /// The smaller of both, elementwise; NaN wins.
  public func minimum(_ other: Tensor) -> Tensor {
    combined(with: other, ck_binary_minimum, "minimum")
  }

  /// Each element to the power of the other's.
  public func power(_ exponents: Tensor) -> Tensor {
    combined(with: exponents, ck_binary_power, "power")
  }

  /// Repeats axes of size 1, and missing leading ones, to reach a shape.
  ///
  /// - Precondition: The shapes agree by NumPy's rule, and `shape` is the larger.
  public func broadcast(to shape: Shape) -> Tensor {
    check(
      self.shape.broadcast(with: shape) == shape,
      "broadcast: \(self.shape) does not stretch to \(shape)")
    return self.shape == shape ? self : Tensor.zeros(shape) + self
  }

  /// The adjoint of `broadcast(to:)`: sums the elements that a smaller shape was repeated into.
  ///
  /// - Precondition: `smaller` stretches to this shape.
  public func reduced(to smaller: Shape) -> Tensor {
    if shape == smaller { return self }
    check(
      smaller.broadcast(with: shape) == shape, "reduced: \(smaller) does not stretch to \(shape)")
    let missing = rank - smaller.rank
    let axes = (0..<rank).filter { axis in
      axis < missing || (smaller[axis - missing] == 1 && shape[axis] != 1)
    }
    return sum(axes).reshaped(to: smaller)
  }

  func combined(with other: Tensor, _ operation: ck_binary_op, _ name: String) -> Tensor {
    guard let shape = shape.broadcast(with: other.shape) else {
      fatalError("\(name): \(shape) and \(other.shape) do not stretch to each other")
    }
    let result = Tensor(uninitialized: shape)
    guard result.count > 0 else { return result }
    var plan = BroadcastPlan(self.shape, other.shape, result: shape).plan
    let rows = result.count / plan.inner
    // One long row, as of equal shapes: cut it, for the threads.
    if rows == 1 && plan.inner > elementwiseGrain {
      let inner = elementwiseGrain
      let whole = plan.inner / inner
      let (left, right) = (plan.left_step, plan.right_step)
      parallelFor(whole + 1) { chunk in
        for part in chunk {
          var piece = plan
          piece.inner = part < whole ? inner : plan.inner - whole * inner
          guard piece.inner > 0 else { continue }
          let at = part * inner
          // Safe: the piece lies in the row; an operand that is repeated stays at its element.
          unsafe ck_binary(
            operation, &piece, result.storage.floats + at, storage.floats + at * left,
            other.storage.floats + at * right, 0, 1)
        }
      }
      withExtendedLifetime((self, other)) {}
      return result
    }
    unsafe withUnsafePointer(to: &plan) { plan in
      parallelFor(rows, grain: Swift.max(elementwiseGrain * rows / result.count, 1)) { range in
        // Safe: the plan's offsets stay within both operands for every row of the result.
        unsafe ck_binary(
          operation, plan, result.storage.floats, storage.floats, other.storage.floats,
          range.lowerBound, range.upperBound)
      }
    }
    withExtendedLifetime((self, other)) {}
    return result
  }
}
