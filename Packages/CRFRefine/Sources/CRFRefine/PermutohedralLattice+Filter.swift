internal import CCRFRefine
public import Tensor

extension PermutohedralLattice {
  /// The weighted sums over all points: `sum_q exp(-|f_p - f_q|^2 / 2) v_q`, without q's far away.
  ///
  /// - Parameters:
  ///   - values: `[N, K]`, any K.
  ///   - reversed: Blurs along the axes in the opposite order, which is the adjoint of the filter.
  /// - Returns: `[N, K]`.
  /// - Precondition: A row of values for each point.
  /// - Complexity: O(d (N + vertices) K); memory 4 K bytes a vertex beside the result.
  public func filtered(_ values: Tensor, reversed: Bool = false) -> Tensor {
    check(
      values.rank == 2 && values.shape[0] == pointCount,
      "filtered: values \(values.shape), expected [\(pointCount), K]")
    let columns = values.shape[1]
    let width = Int(cl_row_width(Int32(columns)))
    if columns == 0 { return values }
    if columns < width {
      let padding = Tensor.zeros([pointCount, width - columns])
      let padded = Tensor(concatenating: [values, padding], axis: 1)
      return filtered(padded, reversed: reversed).sliced(0..<columns, axis: 1)
    }
    var out = Tensor.zeros(values.shape)
    let vertices = PooledBuffer<Float>(count: vertexCount * width)
    // Safe: rows of `width` for every point and every vertex.
    unsafe values.withUnsafeScalars { values in
      guard let values = values.baseAddress else { return }
      unsafe splat(values, vertexShares, width, to: vertices.base)
    }
    unsafe blur(vertices.base, width, reversed: reversed)
    unsafe out.withUnsafeMutableScalars { out in
      guard let out = out.baseAddress else { return }
      parallelFor(pointCount, grain: 1024) { range in
        unsafe cl_slice(
          out + range.lowerBound * width, pointShares.base, dimension + 1, vertices.base, scale,
          nil, Int32(width), range.lowerBound, range.upperBound)
      }
    }
    return out
  }

  /// Sums the rows of each vertex's points.
  func splat(
    _ rows: UnsafePointer<Float>, _ shares: PooledBuffer<cl_share>, _ width: Int,
    to vertices: UnsafeMutablePointer<Float>
  ) {
    parallelFor(vertexCount, grain: 512) { range in
      // Safe: writes the rows of its own vertices.
      unsafe cl_splat(
        vertices, starts.base, shares.base, rows, Int32(width), range.lowerBound, range.upperBound)
    }
  }

  /// Exchanges values between neighbours along each axis.
  func blur(_ vertices: UnsafeMutablePointer<Float>, _ width: Int, reversed: Bool = false) {
    for step in 0...dimension {
      let axis = reversed ? dimension - step : step
      parallelFor(runCount(axis), grain: 4096) { range in
        // Safe: a run is changed by the chunk that holds its first vertex, and runs are disjoint.
        unsafe blur(vertices, Int32(width), axis, range)
      }
    }
  }

  /// The vertices that have neighbours along an axis; none beyond the last axis.
  func runCount(_ axis: Int) -> Int { axis < runCounts.count ? runCounts[axis] : 0 }

  /// Exchanges values within the runs of an axis that begin in `range`.
  func blur(
    _ vertices: UnsafeMutablePointer<Float>, _ width: Int32, _ axis: Int, _ range: Range<Int>
  ) {
    unsafe cl_blur(
      vertices, runs.base + axis * vertexCount, runCounts[axis], width, range.lowerBound,
      range.upperBound)
  }
}
