/// What a padded border holds.
public enum PaddingMode: Sendable, Hashable {
  /// One number.
  case constant(Float)
  /// The image mirrored at its edge pixels, which are not repeated.
  case reflect
  /// The edge pixel.
  case replicate
}

extension Tensor {
  /// A border around each axis: `(before, after)` elements; axes not named get none.
  ///
  /// - Precondition: Widths are 0 or more; `reflect` needs them below the axis' size, `replicate`
  ///   an axis that is not empty.
  public func padded(_ widths: [(before: Int, after: Int)], _ mode: PaddingMode = .constant(0))
    -> Tensor
  {
    let widths = checkedWidths(widths, mode)
    guard case .constant(let value) = mode else {
      return widths.enumerated().reduce(self) { result, axis in
        result.gathered(result.borderSources(axis.element, axis.offset, mode), axis: axis.offset)
      }
    }
    let result = Tensor(
      repeating: value, shape: Shape(zip(shape, widths).map { $0 + $1.before + $1.after }))
    let ranges = zip(shape, widths).map { AxisRange($1.before..<$1.before + $0) }
    return result.replacing(ranges, with: self)
  }

  /// The adjoint of `padded`: `self` is the gradient of the padded tensor.
  ///
  /// - Parameters:
  ///   - widths: As given to `padded`.
  ///   - mode: As given to `padded`.
  ///   - shape: The shape before.
  /// - Returns: The gradient of what was padded.
  public func unpadded(
    _ widths: [(before: Int, after: Int)], _ mode: PaddingMode = .constant(0), to shape: Shape
  ) -> Tensor {
    let widths = Tensor(uninitialized: shape).checkedWidths(widths, mode)
    guard case .constant = mode else {
      var result = self
      for axis in (0..<shape.rank).reversed() where widths[axis] != (0, 0) {
        var before = result.shape
        before = before.replacing(axis: axis, with: shape[axis])
        let sources = Tensor(uninitialized: before).borderSources(widths[axis], axis, mode)
        result = result.scatterAdded(sources, axis: axis, size: shape[axis])
      }
      return result
    }
    return sliced(zip(shape, widths).map { AxisRange($1.before..<$1.before + $0) })
  }

  private func checkedWidths(
    _ widths: [(before: Int, after: Int)], _ mode: PaddingMode
  ) -> [(before: Int, after: Int)] {
    check(widths.count <= rank, "padded: \(widths.count) widths for shape \(shape)")
    for (axis, width) in widths.enumerated() {
      check(
        width.before >= 0 && width.after >= 0, "padded: width \(width) of axis \(axis) is negative")
      if mode == .reflect {
        check(
          Swift.max(width.before, width.after) < Swift.max(shape[axis], 1),
          "padded: reflecting \(width) of axis \(axis) of \(shape) needs a larger axis")
      }
    }
    return widths + Array(repeating: (0, 0), count: rank - widths.count)
  }

  /// The source of each index of a padded axis.
  private func borderSources(
    _ width: (before: Int, after: Int), _ axis: Int, _ mode: PaddingMode
  ) -> [Int32] {
    let size = shape[axis]
    return (-width.before..<size + width.after).map { index in
      switch mode {
      case .reflect:
        Int32(index < 0 ? -index : index >= size ? 2 * size - 2 - index : index)
      default: Int32(Swift.min(Swift.max(index, 0), size - 1))
      }
    }
  }

  /// Overwrites a part.
  private func replacing(_ ranges: [AxisRange], with part: Tensor) -> Tensor {
    var copy = self
    copy.makeUnique()
    let strides = shape.strides
    let offset = zip(ranges, strides).reduce(0) { $0 + $1.0.start * $1.1 }
    let inner = part.rank == 0 ? 1 : part.shape[-1]
    guard part.count > 0 else { return copy }
    let outer = Shape(Array(part.shape.dropLast()))
    let outerStrides = outer.strides
    let target = copy.storage
    parallelFor(outer.elementCount, grain: rowGrain(inner)) { range in
      for row in range {
        var at = offset
        for axis in 0..<outer.rank {
          at += row / outerStrides[axis] % outer[axis] * strides[axis]
        }
        // Safe: the part lies in the tensor, and its rows do not overlap.
        unsafe (target.floats + at).update(
          from: part.storage.floats + row * inner, count: inner)
      }
    }
    withExtendedLifetime(part) {}
    return copy
  }
}
