internal import CAutograd
internal import Tensor

/// The sum of what `body` returns for chunks of `grain` indices of `0..<count`, run on all threads.
///
/// Added in the chunks' order, so the bits do not depend on the number of threads.
func chunkedSum(_ count: Int, grain: Int, _ body: (Range<Int>) -> Double) -> Double {
  var partial = [Double](repeating: 0, count: (count + grain - 1) / grain)
  unsafe partial.withUnsafeMutableBufferPointer { partial in
    parallelFor(count, grain: grain) { range in
      // Safe: each chunk writes its own element.
      unsafe partial[range.lowerBound / grain] = body(range)
    }
  }
  return partial.reduce(0, +)
}

extension Tensor {
  /// The sum of squares, in double.
  var sumOfSquares: Double {
    unsafe withUnsafeScalars { values in
      chunkedSum(count, grain: 1 << 16) { range in
        unsafe ca_sum_of_squares(values.baseAddress, range.lowerBound, range.upperBound)
      }
    }
  }

  /// The sum of the elements, in double.
  var doubleSum: Double {
    unsafe withUnsafeScalars { values in
      chunkedSum(count, grain: 1 << 16) { range in
        unsafe ca_sum(values.baseAddress, range.lowerBound, range.upperBound)
      }
    }
  }

  /// The sum of products with a tensor of the same number of elements, in double.
  func dot(_ other: Tensor) -> Double {
    unsafe withUnsafeScalars { left in
      unsafe other.withUnsafeScalars { right in
        chunkedSum(count, grain: 1 << 16) { range in
          unsafe ca_dot(
            left.baseAddress, right.baseAddress, range.lowerBound, range.upperBound)
        }
      }
    }
  }
}
