internal import CContrast
internal import Tensor

/// The memory of negatives in parts, and lists of drawn rows sorted by the part they read.
///
/// Drawn rows are anywhere. A part is small enough to stay in the last cache while all queries meet
/// their negatives in it.
struct NegativeParts {
  let count: Int
  private let length: Int
  private let depth: Int
  private let rowCount: Int
  private let rowsAPart: Int
  private let lists: PooledBuffer<Int32>?
  private let starts: PooledBuffer<Int32>?
  private let inverseLengths: PooledBuffer<Float>?

  /// Sorts the lists where parts pay: rows do not fit the cache, and most are drawn more than once.
  ///
  /// - Parameters:
  ///   - draws: Lists of rows, `[L, n]`, all in range.
  ///   - negatives: The rows.
  ///   - queries: How many queries draw one of the lists.
  init(_ draws: IndexTensor, of negatives: Tensor, queries: Int) {
    depth = negatives.shape[-1]
    rowCount = depth > 0 ? negatives.count / depth : 0
    length = draws.shape[1]
    // Parts of a power of two of rows, and several negatives of a query in each.
    let partBytes = 8 << 20
    var shift = Int.bitWidth - 1 - max(partBytes / (4 * max(depth, 1)), 1).leadingZeroBitCount
    while (rowCount - 1) >> shift >= max(length / 16, 1) { shift += 1 }
    let isReused = draws.indices.count > 2 * rowCount
    count = isReused ? (rowCount - 1) >> shift + 1 : 1
    rowsAPart = count > 1 ? 1 << shift : rowCount
    inverseLengths = queries * length > 2 * rowCount ? PooledBuffer(count: rowCount) : nil
    guard count > 1 else {
      (lists, starts) = (nil, nil)
      return
    }
    let lists = PooledBuffer<Int32>(count: draws.indices.count)
    let starts = PooledBuffer<Int32>(count: draws.shape[0] * (count + 1))
    let (length, count) = (length, count)
    parallelFor(draws.shape[0], grain: 64) { range in
      // Safe: rows are in range; a chunk writes its own lists.
      unsafe ctr_split_lists(
        range.lowerBound, range.upperBound, draws.indices, length, Int32(shift), count, lists.base,
        starts.base)
    }
    self.lists = lists
    self.starts = starts
  }

  /// Works out what all queries need of a part's rows; this also fetches the part.
  func prepare(_ part: Int, _ rows: UnsafePointer<Float>?) {
    guard let inverseLengths, let rows = unsafe rows else { return }
    let first = part * rowsAPart
    parallelFor(min(rowsAPart, rowCount - first), grain: 256) { range in
      // Safe: rows of this part, each with a number of its own.
      unsafe ctr_inverse_lengths(
        rows, depth, first + range.lowerBound, first + range.upperBound, inverseLengths.base)
    }
  }

  /// What the kernel sees; `draws` are the lists as they were drawn. Valid as long as this lives.
  func view(_ rows: UnsafePointer<Float>?, _ draws: UnsafePointer<Int32>?) -> ctr_negatives {
    unsafe ctr_negatives(
      rows: rows, inverse_lengths: inverseLengths?.base,
      lists: lists.map { unsafe UnsafePointer($0.base) } ?? draws, count: length, parts: count,
      starts: starts?.base)
  }
}
