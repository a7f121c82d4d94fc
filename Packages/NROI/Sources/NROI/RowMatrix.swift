internal import CClustering
internal import Tensor

/// The rows to group, checked and scaled as the distance wants, with their squared lengths.
struct RowMatrix {
  /// Rows a chunk: parallel loops and partial sums do not depend on the thread count.
  static let chunk = 1024

  /// The largest squared length whose distances can be measured. A squared distance is at most four
  /// times as large, and Ward's update adds up three of them times the sizes of groups.
  private static let greatestSquare: Float = 0x1p100

  let rows: Tensor
  let squaredNorms: Tensor

  var count: Int { rows.shape[0] }
  var dimension: Int { rows.shape[1] }

  init(_ rows: Tensor, distance: Distance) throws(ClusteringError) {
    check(rows.rank == 2, "clustering: rows of shape \(rows.shape), expected [N, D]")
    guard rows.shape[0] > 0 else { throw .noRows }
    let norms = Self.squaredNorms(of: rows)
    let scalars = norms.scalars
    // Directions need no more than a length.
    let limit = distance == .cosine ? Float.greatestFiniteMagnitude : Self.greatestSquare
    if let bad = scalars.firstIndex(where: { !($0 <= limit) }) {
      let isFinite = rows.sliced(bad..<bad + 1, axis: 0).scalars.allSatisfy(\.isFinite)
      throw isFinite ? .tooLong(row: bad, limit: limit.squareRoot()) : .notFinite(row: bad)
    }
    switch distance {
    case .euclidean:
      self.rows = rows
      self.squaredNorms = norms
    case .cosine:
      self.rows = Self.normalized(rows, squaredNorms: scalars)
      self.squaredNorms = Self.squaredNorms(of: self.rows)
    }
  }

  /// Rows that were checked before.
  init(checked rows: Tensor) {
    self.rows = rows
    squaredNorms = Self.squaredNorms(of: rows)
  }

  private static func squaredNorms(of rows: Tensor) -> Tensor {
    let (count, dimension) = (rows.shape[0], rows.shape[1])
    return unsafe rows.withUnsafeScalars { source in
      unsafe Tensor(unsafeUninitialized: [count]) { norms in
        guard let from = source.baseAddress, let to = norms.baseAddress else { return }
        parallelFor(count, grain: chunk) { range in
          // Safe: the range lies in 0..<count.
          unsafe cc_squared_norms(
            from + range.lowerBound * dimension, range.count, dimension, to + range.lowerBound)
        }
      }
    }
  }

  static func normalized(_ rows: Tensor, squaredNorms: [Float]) -> Tensor {
    var scaled = rows
    let dimension = rows.shape[1]
    scaled.withMutableScalars { span in
      for (row, square) in squaredNorms.enumerated() where square > 0 {
        let scale = 1 / square.squareRoot()
        for index in row * dimension..<(row + 1) * dimension { span[index] *= scale }
      }
    }
    return scaled
  }

  /// The rows at the given positions, `[indices.count, D]`.
  func gather(_ indices: [Int]) -> Tensor {
    unsafe rows.withUnsafeScalars { source in
      unsafe Tensor(unsafeUninitialized: [indices.count, dimension]) { out in
        for (position, index) in indices.enumerated() {
          _ = unsafe UnsafeMutableBufferPointer(
            rebasing: out[position * dimension..<(position + 1) * dimension]
          ).initialize(fromContentsOf: source[index * dimension..<(index + 1) * dimension])
        }
      }
    }
  }

  /// Each row's squared distance to one of them, by the difference itself.
  func squaredDistances(toRow index: Int) -> [Float] {
    let dimension = dimension
    return unsafe [Float](unsafeUninitializedCapacity: count) { out, initialized in
      unsafe rows.withUnsafeScalars { source in
        guard let from = source.baseAddress, let out = out.baseAddress else { return }
        parallelFor(count, grain: Self.chunk) { range in
          // Safe: the range lies in 0..<count, and so does `index`.
          unsafe cc_squared_distances(
            from + range.lowerBound * dimension, range.count, dimension, from + index * dimension,
            out + range.lowerBound)
        }
      }
      initialized = count
    }
  }

  /// The variance of the columns, averaged over them.
  var meanVariance: Double {
    let dimension = dimension
    var sums = [Float](repeating: 0, count: dimension)
    var sizes: [Int64] = [0]
    let one = [Int32](repeating: 0, count: count)
    unsafe rows.withUnsafeScalars { rows in
      // Safe: one cluster holds all rows.
      unsafe cc_accumulate(rows.baseAddress, count, dimension, one, &sums, &sizes)
    }
    let total = squaredNorms.scalars.reduce(0.0) { $0 + Double($1) }
    let n = Double(count)
    let means = sums.reduce(0.0) { $0 + (Double($1) / n) * (Double($1) / n) }
    return max(total / n - means, 0) / Double(max(dimension, 1))
  }
}
