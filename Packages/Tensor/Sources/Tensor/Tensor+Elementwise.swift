internal import CKernels

/// Elements a chunk of an elementwise loop: large enough to hide what starting one costs.
let elementwiseGrain = 1 << 15

extension Tensor {
  /// A tensor of the same shape whose elements `fill` computes, chunk by chunk, from this one's.
  func mapped(
    _ fill: (UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int, Int) -> Void
  ) -> Tensor {
    let result = Tensor(uninitialized: shape)
    parallelFor(count, grain: elementwiseGrain) { range in
      // Safe: both hold `count` elements, and chunks do not overlap.
      unsafe fill(
        result.storage.floats, storage.floats, range.lowerBound, range.upperBound)
    }
    withExtendedLifetime(self) {}
    return result
  }

  private func unary(_ operation: ck_unary_op) -> Tensor {
    unsafe mapped { unsafe ck_unary(operation, $0, $1, $2, $3) }
  }

  /// `-x`, elementwise.
  public static prefix func - (operand: Tensor) -> Tensor { operand.unary(ck_unary_negate) }

  /// The magnitude, elementwise.
  public func abs() -> Tensor { unary(ck_unary_abs) }

  /// `x * x`, elementwise.
  public func squared() -> Tensor { unary(ck_unary_square) }

  /// The square root, elementwise; NaN below 0.
  public func squareRoot() -> Tensor { unary(ck_unary_sqrt) }

  /// `1 / sqrt(x)`, elementwise.
  public func reciprocalSquareRoot() -> Tensor { unary(ck_unary_rsqrt) }

  /// `1 / x`, elementwise.
  public func reciprocal() -> Tensor { unary(ck_unary_reciprocal) }

  /// The exponential, elementwise; results below the smallest normal number are 0.
  public func exp() -> Tensor { unary(ck_unary_exp) }

  /// The natural logarithm, elementwise; minus infinity at 0, NaN below.
  public func log() -> Tensor { unary(ck_unary_log) }

  /// `log(1 + x)`, elementwise, accurate near 0.
  public func log1p() -> Tensor { unary(ck_unary_log1p) }

  /// The logistic function `1 / (1 + e^-x)`, elementwise.
  public func sigmoid() -> Tensor { unary(ck_unary_sigmoid) }

  /// The hyperbolic tangent, elementwise.
  public func tanh() -> Tensor { unary(ck_unary_tanh) }

  /// `log(1 + e^x)`, elementwise, without overflow.
  public func softplus() -> Tensor { unary(ck_unary_softplus) }

  /// -1, 0 or 1, elementwise; NaN stays NaN.
  public func sign() -> Tensor { unary(ck_unary_sign) }

  /// The largest whole number not above, elementwise.
  public func floor() -> Tensor { unary(ck_unary_floor) }

  /// `max(x, 0)`, elementwise; NaN stays NaN.
  public func relu() -> Tensor { clamped(0, .infinity) }

  /// `min(max(x, 0), 6)`, elementwise.
  public func relu6() -> Tensor { clamped(0, 6) }

  /// `x` where positive, else `slope * x`, elementwise.
  public func leakyRelu(slope: Float = 0.01) -> Tensor {
    unsafe mapped { unsafe ck_leaky($0, $1, slope, $2, $3) }
  }

  /// `min(max(x, low), high)`, elementwise; NaN stays NaN.
  public func clamped(_ low: Float, _ high: Float) -> Tensor {
    check(low <= high, "clamped: low \(low) above high \(high)")
    return unsafe mapped { unsafe ck_clamp($0, $1, low, high, $2, $3) }
  }

  /// `x^exponent`, elementwise.
  public func power(_ exponent: Float) -> Tensor {
    switch exponent {
    case 1: self
    case 2: squared()
    case 0.5: squareRoot()
    case -1: reciprocal()
    default: unsafe mapped { unsafe ck_power($0, $1, exponent, $2, $3) }
    }
  }

  /// `x * scale + shift`, elementwise.
  public func affine(scale: Float, shift: Float) -> Tensor {
    unsafe mapped { unsafe ck_affine($0, $1, scale, shift, $2, $3) }
  }
}
