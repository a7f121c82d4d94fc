internal import CCRFRefine
internal import Tensor

/// The vertices of chunks of points, each chunk with numbers of its own.
struct VertexChunks {
  let count: Int
  let corners: Int
  let points: Int
  /// Chunk c's vertices start at `c * stride`; there are `vertexCounts[c]`.
  let stride: Int
  let keys: PooledBuffer<UInt64>
  let counts: PooledBuffer<Int32>
  let vertexCounts: [Int]

  init(_ features: Tensor, _ grid: cl_grid, _ shares: PooledBuffer<cl_share>) {
    let points = features.shape[0]
    let chunk = Int(CL_CHUNK)
    self.points = points
    corners = features.shape[1] + 1
    count = (points + chunk - 1) / chunk
    stride = chunk * corners
    let keys = PooledBuffer<UInt64>(count: count * stride)
    let counts = PooledBuffer<Int32>(count: count * stride)
    var found = [Int](repeating: 0, count: count)
    let stride = stride
    unsafe found.withUnsafeMutableBufferPointer { found in
      unsafe features.withUnsafeScalars { features in
        unsafe withUnsafePointer(to: grid) { grid in
          parallelFor(found.count, grain: 8) { range in
            let tableKeys = PooledBuffer<UInt64>(count: Int(CL_LOCAL_CAPACITY))
            let tableIndices = PooledBuffer<Int32>(count: Int(CL_LOCAL_CAPACITY))
            for index in range {
              // Safe: each chunk writes the shares of its points and its part of the lists.
              unsafe found[index] = cl_find_vertices(
                grid, features.baseAddress, index * chunk, min((index + 1) * chunk, points),
                shares.base, keys.base + index * stride, counts.base + index * stride,
                tableKeys.base, tableIndices.base)
            }
          }
        }
      }
    }
    self.keys = keys
    self.counts = counts
    vertexCounts = found
  }

  /// Points to vertices by their final numbers, and vertices to points.
  func link(
    _ table: VertexTable, _ shares: PooledBuffer<cl_share>, _ vertexShares: PooledBuffer<cl_share>,
    _ starts: PooledBuffer<Int32>
  ) {
    // Safe: every list of a chunk has room for its vertices, and `starts` for all of them and one.
    unsafe cl_sum_totals(table.totals.base, table.count, starts.base)
    let positions = PooledBuffer<Int32>(count: count * stride)
    for chunk in 0..<count {
      let first = chunk * stride
      unsafe cl_place_chunk(
        table.numbers.base + first, counts.base + first, vertexCounts[chunk], starts.base,
        positions.base + first)
    }
    parallelFor(count, grain: 4) { range in
      for chunk in range {
        let first = chunk * stride
        unsafe cl_link(
          table.numbers.base + first, positions.base + first, corners - 1, chunk * Int(CL_CHUNK),
          min((chunk + 1) * Int(CL_CHUNK), points), shares.base, vertexShares.base)
      }
    }
    unsafe cl_sum_totals(table.totals.base, table.count, starts.base)
  }
}

/// All vertices, numbered in the order that points meet them: neighbours in the image are
/// neighbours in memory.
struct VertexTable {
  let count: Int
  let bits: Int32
  let slots: PooledBuffer<cl_slot>
  let keys: PooledBuffer<UInt64>
  /// How many points touch each vertex.
  let totals: PooledBuffer<Int32>
  /// The number of each chunk's vertices, laid out as the chunks' keys.
  let numbers: PooledBuffer<Int32>

  init(_ chunks: VertexChunks) {
    let most = chunks.vertexCounts.reduce(0, +)
    bits = Int32(max(4, Int.bitWidth - (most + most / 2).leadingZeroBitCount))
    slots = PooledBuffer(count: 1 << Int(bits))
    keys = PooledBuffer(count: most)
    totals = PooledBuffer(count: most)
    numbers = PooledBuffer(count: chunks.count * chunks.stride)
    let slots = slots
    // Safe: the slots of the chunk.
    parallelFor(slots.count, grain: 1 << 16) { range in
      unsafe cl_clear(slots.base, range.lowerBound, range.upperBound)
    }
    var count = 0
    for chunk in 0..<chunks.count {
      let first = chunk * chunks.stride
      // Safe: there are more slots than keys, and lists have room for all of them.
      unsafe count = cl_number_vertices(
        slots.base, bits, chunks.keys.base + first, chunks.counts.base + first,
        chunks.vertexCounts[chunk], count, keys.base, totals.base, numbers.base + first)
    }
    self.count = count
  }

  /// The vertices along each axis as runs of neighbours, axis after axis, and their lengths.
  func runs(_ grid: cl_grid) -> (PooledBuffer<Int32>, [Int]) {
    let axes = Int(grid.dimension) + 1
    let next = PooledBuffer<Int32>(count: axes * count)
    let runs = PooledBuffer<Int32>(count: axes * count)
    let seen = PooledBuffer<UInt8>(count: axes * count)
    var lengths = [Int](repeating: 0, count: axes)
    unsafe withUnsafePointer(to: grid) { grid in
      parallelFor(count, grain: 4096) { range in
        // Safe: writes the neighbours of its own vertices.
        unsafe cl_find_neighbors(
          grid, slots.base, bits, keys.base, count, range.lowerBound, range.upperBound, next.base)
      }
    }
    unsafe lengths.withUnsafeMutableBufferPointer { lengths in
      parallelFor(axes) { range in
        for axis in range {
          let first = axis * count
          // Safe: an axis has `count` entries of each list.
          unsafe lengths[axis] = cl_make_runs(
            next.base + first, count, seen.base + first, runs.base + first)
        }
      }
    }
    return (runs, lengths)
  }
}
