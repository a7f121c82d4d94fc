internal import Tensor

/// Elementwise functions of two variables. Shapes are stretched to each other by NumPy's rule; the
/// gradient of a stretched operand is summed over the elements it was repeated into.
extension Variable {
  /// The elementwise sum.
  public static func + (lhs: Variable, rhs: Variable) -> Variable {
    let (left, right) = (lhs.shape, rhs.shape)
    return Variable(lhs.value + rhs.value, parents: [lhs, rhs]) { upstream in
      [upstream.reduced(to: left), upstream.reduced(to: right)]
    }
  }

  /// The elementwise difference.
  public static func - (lhs: Variable, rhs: Variable) -> Variable {
    let (left, right) = (lhs.shape, rhs.shape)
    let required = rhs.requiresGradient
    return Variable(lhs.value - rhs.value, parents: [lhs, rhs]) { upstream in
      [upstream.reduced(to: left), required ? (-upstream).reduced(to: right) : nil]
    }
  }

  /// The elementwise product.
  public static func * (lhs: Variable, rhs: Variable) -> Variable {
    let (leftShape, rightShape) = (lhs.shape, rhs.shape)
    let left = rhs.requiresGradient ? lhs.value : nil
    let right = lhs.requiresGradient ? rhs.value : nil
    return Variable(lhs.value * rhs.value, parents: [lhs, rhs]) { upstream in
      [
        right.map { (upstream * $0).reduced(to: leftShape) },
        left.map { (upstream * $0).reduced(to: rightShape) },
      ]
    }
  }

  /// The elementwise quotient.
  public static func / (lhs: Variable, rhs: Variable) -> Variable {
    let (leftShape, rightShape) = (lhs.shape, rhs.shape)
    let (divisor, quotient) = (rhs.value, lhs.value / rhs.value)
    let required = (lhs.requiresGradient, rhs.requiresGradient)
    return Variable(quotient, parents: [lhs, rhs]) { upstream in
      let scaled = upstream / divisor
      return [
        required.0 ? scaled.reduced(to: leftShape) : nil,
        required.1 ? (-(scaled * quotient)).reduced(to: rightShape) : nil,
      ]
    }
  }

  /// The sum with a number.
  public static func + (lhs: Variable, rhs: Float) -> Variable {
    Variable(lhs.value + rhs, parents: [lhs]) { [$0] }
  }

  /// The sum with a number.
  public static func + (lhs: Float, rhs: Variable) -> Variable { rhs + lhs }

  /// The difference from a number.
  public static func - (lhs: Variable, rhs: Float) -> Variable { lhs + -rhs }

  /// The difference of a number and each element.
  public static func - (lhs: Float, rhs: Variable) -> Variable { -rhs + lhs }

  /// The product with a number.
  public static func * (lhs: Variable, rhs: Float) -> Variable {
    Variable(lhs.value * rhs, parents: [lhs]) { [$0 * rhs] }
  }

  /// The product with a number.
  public static func * (lhs: Float, rhs: Variable) -> Variable { rhs * lhs }

  /// The quotient by a number.
  public static func / (lhs: Variable, rhs: Float) -> Variable {
    Variable(lhs.value / rhs, parents: [lhs]) { [$0 / rhs] }
  }

  /// The quotient of a number and each element.
  public static func / (lhs: Float, rhs: Variable) -> Variable { rhs.reciprocal() * lhs }

  /// `-x`, elementwise.
  public static prefix func - (operand: Variable) -> Variable {
    Variable(-operand.value, parents: [operand]) { [-$0] }
  }

  /// The larger of both, elementwise; equal elements share the gradient, as in PyTorch.
  public func maximum(_ other: Variable) -> Variable {
    chosen(value.maximum(other.value), other)
  }

  /// The smaller of both, elementwise; equal elements share the gradient, as in PyTorch.
  public func minimum(_ other: Variable) -> Variable {
    chosen(value.minimum(other.value), other)
  }

  private func chosen(_ result: Tensor, _ other: Variable) -> Variable {
    let (left, right) = (value, other.value)
    return Variable(result, parents: [self, other]) { upstream in
      let (first, second) = (left.equal(to: result), right.equal(to: result))
      let share = upstream / (first + second)
      return [(share * first).reduced(to: left.shape), (share * second).reduced(to: right.shape)]
    }
  }
}
