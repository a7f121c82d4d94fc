internal import CCRFRefine
internal import Tensor

/// All vertices by their keys, numbered in the order that points meet them: neighbours in the image
/// are neighbours in memory.
struct VertexTable {
  private(set) var keys: [UInt64] = []
  private var bits: Int32 = 14
  private var slots: PooledBuffer<cl_slot>

  init() {
    slots = PooledBuffer(count: 1 << Int(bits))
    // Safe: all of the slots, here and below.
    unsafe cl_clear(slots.base, 0, slots.count)
  }

  /// Writes the numbers of keys; `keys` is changed.
  mutating func number(
    _ chunk: UnsafeMutablePointer<UInt64>, _ count: Int, into numbers: UnsafeMutablePointer<Int32>
  ) {
    while (keys.count + count) * 3 > slots.count * 2 {
      bits += 1
      slots = PooledBuffer(count: 1 << Int(bits))
      unsafe cl_clear(slots.base, 0, slots.count)
      unsafe cl_insert(slots.base, bits, keys, keys.count)
    }
    // Safe: a third of the slots stays empty, and there is room for a number of each key.
    let fresh = unsafe cl_number_vertices(
      slots.base, bits, chunk, count, keys.count, numbers)
    unsafe keys.append(contentsOf: UnsafeBufferPointer(start: chunk, count: fresh))
  }

  /// The vertices along each axis as runs of neighbours.
  func runs(_ grid: cl_grid) -> [PooledBuffer<Int32>] {
    let axes = Int(grid.dimension) + 1
    let count = keys.count
    var found = [PooledBuffer<Int32>?](repeating: nil, count: axes)
    unsafe found.withUnsafeMutableBufferPointer { found in
      unsafe withUnsafePointer(to: grid) { grid in
        parallelFor(axes) { range in
          let next = PooledBuffer<Int32>(count: count)
          let seen = PooledBuffer<UInt8>(count: count)
          let runs = PooledBuffer<Int32>(count: count)
          for axis in range {
            // Safe: every list has room for all vertices, and each axis has a result of its own.
            unsafe cl_find_neighbors(grid, slots.base, bits, keys, count, axis, next.base)
            let length = unsafe cl_make_runs(next.base, count, seen.base, runs.base)
            unsafe found[axis] = PooledBuffer(copying: runs.base, count: length)
          }
        }
      }
    }
    return found.compactMap(\.self)
  }
}

/// The places of points' vertices, chunk by chunk.
struct VertexPlaces {
  let corners: PooledBuffer<UInt16>
  let weights: PooledBuffer<Float>
  let chunkStarts: PooledBuffer<Int32>
  /// The vertex at each place.
  let vertices: PooledBuffer<Int32>

  var count: Int { vertices.count }
  var byteCount: Int {
    corners.byteCount + weights.byteCount + chunkStarts.byteCount + vertices.byteCount
  }

  /// - Parameters:
  ///   - points: Their number.
  ///   - grid: Holds all their features.
  ///   - table: Receives their vertices.
  ///   - features: Writes the features of a range of points.
  init(
    _ points: Int, _ grid: cl_grid, _ table: inout VertexTable,
    _ features: (Range<Int>, UnsafeMutablePointer<Float>) -> Void
  ) {
    let dimension = Int(grid.dimension)
    let chunk = Int(CL_CHUNK)
    let chunks = (points + chunk - 1) / chunk
    let cornerCount = points * (dimension + 1)
    let (corners, weights) = (
      PooledBuffer<UInt16>(count: cornerCount), PooledBuffer<Float>(count: cornerCount)
    )
    // Keys of a few chunks at a time: found by all threads, then numbered in order.
    let batch = 32
    let most = chunk * (dimension + 1)
    let keys = PooledBuffer<UInt64>(count: min(batch, chunks) * most)
    let numbers = PooledBuffer<Int32>(count: most)
    var vertices: [Int32] = []
    var starts: [Int32] = [0]
    for first in stride(from: 0, to: chunks, by: batch) {
      var found = [Int](repeating: 0, count: min(batch, chunks - first))
      unsafe found.withUnsafeMutableBufferPointer { found in
        unsafe withUnsafePointer(to: grid) { grid in
          parallelFor(found.count, grain: 2) { range in
            let tableKeys = PooledBuffer<UInt64>(count: Int(CL_LOCAL_CAPACITY))
            let tablePlaces = PooledBuffer<UInt16>(count: Int(CL_LOCAL_CAPACITY))
            let rows = PooledBuffer<Float>(count: chunk * dimension)
            for index in range {
              let begin = (first + index) * chunk
              let own = begin..<min(begin + chunk, points)
              unsafe features(own, rows.base)
              // Safe: each chunk writes what belongs to its points, and its part of the keys.
              unsafe found[index] = cl_find_vertices(
                grid, rows.base, own.count, corners.base + begin * (dimension + 1),
                weights.base + begin * (dimension + 1), keys.base + index * most, tableKeys.base,
                tablePlaces.base)
            }
          }
        }
      }
      for (index, count) in found.enumerated() {
        unsafe table.number(keys.base + index * most, count, into: numbers.base)
        unsafe vertices.append(contentsOf: UnsafeBufferPointer(start: numbers.base, count: count))
        starts.append(Int32(vertices.count))
      }
    }
    self.corners = corners
    self.weights = weights
    chunkStarts = PooledBuffer(starts)
    self.vertices = PooledBuffer(vertices)
  }
}

extension PooledBuffer {
  convenience init(_ elements: [Element]) {
    // Safe: as many as there are.
    unsafe self.init(copying: elements, count: elements.count)
  }

  convenience init(copying elements: UnsafePointer<Element>, count: Int) {
    self.init(count: count)
    // Safe: there is room for each element.
    unsafe base.update(from: elements, count: count)
  }
}
