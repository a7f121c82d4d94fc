internal import CAutograd
internal import Tensor

extension Tensor {
  /// Adds another tensor of the same shape in place; copies first only where memory is shared.
  mutating func accumulate(_ addend: Tensor) {
    check(shape == addend.shape, "accumulate: \(shape) and \(addend.shape) differ")
    let count = count
    unsafe withUnsafeMutableScalars { sum in
      unsafe addend.withUnsafeScalars { addend in
        parallelFor(count, grain: 1 << 16) { range in
          // Safe: both hold `count` floats, and chunks do not overlap.
          unsafe ca_accumulate(
            sum.baseAddress, addend.baseAddress, range.lowerBound, range.upperBound)
        }
      }
    }
  }

  /// Multiplies every element in place.
  mutating func scale(by factor: Float) {
    let count = count
    unsafe withUnsafeMutableScalars { values in
      parallelFor(count, grain: 1 << 16) { range in
        // Safe: `range` is within the tensor, and chunks do not overlap.
        unsafe ca_scale(
          values.baseAddress, values.baseAddress, factor, range.lowerBound, range.upperBound)
      }
    }
  }

  /// The product with a number; itself, sharing memory, for 1.
  func scaled(by factor: Float) -> Tensor {
    if factor == 1 { return self }
    return unsafe withUnsafeScalars { values in
      unsafe Tensor(unsafeUninitialized: shape) { scaled in
        parallelFor(count, grain: 1 << 16) { range in
          // Safe: both hold `count` floats, and chunks do not overlap.
          unsafe ca_scale(
            scaled.baseAddress, values.baseAddress, factor, range.lowerBound, range.upperBound)
        }
      }
    }
  }

  /// The product of each row with its own factor; as many equal rows as there are factors.
  func scaled(rowsBy factors: Tensor) -> Tensor {
    let columns = count / Swift.max(factors.count, 1)
    return unsafe withUnsafeScalars { values in
      unsafe factors.withUnsafeScalars { factors in
        unsafe Tensor(unsafeUninitialized: shape) { scaled in
          parallelFor(factors.count, grain: rowGrain(columns: columns)) { range in
            // Safe: all hold `factors.count` rows, and chunks do not overlap.
            unsafe ca_scale_rows(
              scaled.baseAddress, values.baseAddress, factors.baseAddress, columns,
              range.lowerBound, range.upperBound)
          }
        }
      }
    }
  }
}

/// Rows a chunk: about 16 384 elements, so that a chunk outweighs the cost of handing it out.
func rowGrain(columns: Int) -> Int { Swift.max((1 << 14) / Swift.max(columns, 1), 1) }
