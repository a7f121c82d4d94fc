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
  /// - Complexity: O(d (N + vertices) K); memory 4 K bytes a vertex
  ///   and a place beside the result.
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
      unsafe splat(values, factors: nil, width, to: vertices.base)
    }
    unsafe blur(vertices.base, width, reversed: reversed)
    unsafe out.withUnsafeMutableScalars { out in
      guard let out = out.baseAddress else { return }
      unsafe slice(vertices.base, factors: nil, width, to: out)
    }
    return out
  }

  /// The sums of the points' rows, times a factor each, at the vertices.
  func splat(
    _ rows: UnsafePointer<Float>, factors: UnsafePointer<Float>?, _ width: Int,
    to vertices: UnsafeMutablePointer<Float>
  ) {
    let sums = PooledBuffer<Float>(count: placeCount * width)
    unsafe withUnsafePointer(to: view) { view in
      parallelFor(chunkCount) { range in
        for chunk in range {
          // Safe: writes the sums at the chunk's own places.
          unsafe cl_splat(
            view, chunk, rows + chunk * Int(CL_CHUNK) * width, factors, Int32(width), sums.base)
        }
      }
      parallelFor(vertexCount, grain: 512) { range in
        // Safe: writes the rows of its own vertices.
        unsafe cl_merge(
          view, vertices, sums.base, Int32(width), range.lowerBound, range.upperBound)
      }
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

  /// Adds the values of each point's vertices, times a factor, to its row.
  func slice(
    _ vertices: UnsafePointer<Float>, factors: UnsafePointer<Float>?, _ width: Int,
    to rows: UnsafeMutablePointer<Float>
  ) {
    unsafe withUnsafePointer(to: view) { view in
      parallelFor(pointCount, grain: Int(CL_CHUNK)) { range in
        // Safe: writes the rows of its own points.
        unsafe cl_slice(
          rows + range.lowerBound * width, view, vertices, scale, factors, Int32(width),
          range.lowerBound, range.upperBound)
      }
    }
  }

  /// The vertices that have neighbours along an axis; none beyond the last axis.
  func runCount(_ axis: Int) -> Int { axis < runs.count ? runs[axis].count : 0 }

  /// Exchanges values within the runs of an axis that begin in `range`.
  func blur(
    _ vertices: UnsafeMutablePointer<Float>, _ width: Int32, _ axis: Int, _ range: Range<Int>
  ) {
    unsafe cl_blur(
      vertices, runs[axis].base, runs[axis].count, width, range.lowerBound, range.upperBound)
  }
}
