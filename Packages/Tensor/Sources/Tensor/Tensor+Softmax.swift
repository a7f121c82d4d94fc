internal import CKernels

extension Tensor {
  /// Shares proportional to the exponentials along an axis; they sum to 1.
  ///
  /// - Precondition: The axis is not empty.
  public func softmax(_ axis: Int = -1) -> Tensor {
    alongRows(axis, "softmax") { rows, count, out in
      parallelFor(out.count / count, grain: rowGrain(count)) { range in
        // Safe: both hold the same rows.
        unsafe ck_softmax(
          out.storage.floats, rows.storage.floats, count, range.lowerBound, range.upperBound)
      }
    }
  }

  /// The logarithm of `softmax`, without its rounding.
  ///
  /// - Precondition: The axis is not empty.
  public func logSoftmax(_ axis: Int = -1) -> Tensor {
    alongRows(axis, "logSoftmax") { rows, count, out in
      parallelFor(out.count / count, grain: rowGrain(count)) { range in
        // Safe: both hold the same rows.
        unsafe ck_log_softmax(
          out.storage.floats, rows.storage.floats, count, range.lowerBound, range.upperBound)
      }
    }
  }

  /// The adjoint of `softmax`, from its result.
  ///
  /// - Parameters:
  ///   - upstream: The gradient of the result, of its shape.
  ///   - axis: The axis of the softmax.
  /// - Returns: The gradient of the input; `self` is the softmax' result.
  public func softmaxGradient(_ upstream: Tensor, _ axis: Int = -1) -> Tensor {
    unsafe gradientAlongRows(upstream, axis, "softmaxGradient") {
      unsafe ck_softmax_gradient($0, $1, $2, $3, $4, $5)
    }
  }

  /// The adjoint of `logSoftmax`, from its result.
  ///
  /// - Parameters:
  ///   - upstream: The gradient of the result, of its shape.
  ///   - axis: The axis of the softmax.
  /// - Returns: The gradient of the input; `self` is the log-softmax' result.
  public func logSoftmaxGradient(_ upstream: Tensor, _ axis: Int = -1) -> Tensor {
    unsafe gradientAlongRows(upstream, axis, "logSoftmaxGradient") {
      unsafe ck_log_softmax_gradient($0, $1, $2, $3, $4, $5)
    }
  }

  private func alongRows(
    _ axis: Int, _ name: String, _ compute: (Tensor, Int, Tensor) -> Void
  ) -> Tensor {
    let axis = shape.axis(axis, name)
    check(shape[axis] > 0, "\(name): axis \(axis) of \(shape) is empty")
    let rows = movingAxisLast(axis)
    let out = Tensor(uninitialized: rows.shape)
    compute(rows, shape[axis], out)
    withExtendedLifetime(rows) {}
    return out.movingLastAxis(to: axis)
  }

  private func gradientAlongRows(
    _ upstream: Tensor, _ axis: Int, _ name: String,
    _ compute: (
      UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, Int, Int, Int
    ) -> Void
  ) -> Tensor {
    check(
      upstream.shape == shape, "\(name): upstream gradient \(upstream.shape) for result \(shape)")
    let gradient = upstream.movingAxisLast(shape.axis(axis, name))
    return alongRows(axis, name) { rows, count, out in
      parallelFor(out.count / count, grain: rowGrain(count)) { range in
        // Safe: all three hold the same rows.
        unsafe compute(
          out.storage.floats, gradient.storage.floats, rows.storage.floats, count,
          range.lowerBound, range.upperBound)
      }
      withExtendedLifetime(gradient) {}
    }
  }

  /// The inverse of `movingAxisLast`.
  private func movingLastAxis(to axis: Int) -> Tensor {
    guard axis != rank - 1 else { return self }
    var order = Array(0..<rank - 1)
    order.insert(rank - 1, at: axis)
    return transposed(order)
  }
}
