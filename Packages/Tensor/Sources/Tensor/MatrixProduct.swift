internal import COpenBLAS

/// `scale * A * B` for a batch of row-major matrices, stored or added to what is there.
///
/// OpenBLAS computes tiles on one thread each and `parallelFor` shares them out, so that no second
/// thread team spins. Tiles depend on the sizes alone: any number of threads gives the same bits.
struct MatrixProduct {
  /// A matrix operand: `rows * columns` floats as stored, used transposed or as it is.
  struct Operand {
    let storage: Storage
    let columns: Int
    let isTransposed: Bool

    /// Where the tile starts that begins at a row and column of the matrix as used.
    func offset(row: Int, column: Int) -> Int {
      isTransposed ? column * columns + row : row * columns + column
    }

    var transposition: CBLAS_TRANSPOSE { isTransposed ? CblasTrans : CblasNoTrans }
  }

  let batch: Int
  let rows: Int
  let columns: Int
  let depth: Int
  let left: Operand
  let right: Operand
  let scale: Float

  /// A bias that every row of a fresh result starts from; `columns` floats.
  var bias: Storage?

  // One thread: OpenBLAS' own team would compete with ours.
  static let useOneThread: Void = openblas_set_num_threads(1)

  /// Writes the product to `target`, or adds it to what `target` holds.
  func compute(into target: Storage, adding: Bool) {
    Self.useOneThread
    guard batch * rows * columns > 0 else { return }
    let parts = partition
    let area = rows * columns
    let partials =
      parts.depths > 1
      ? Storage(byteCount: (parts.depths - 1) * area * MemoryLayout<Float>.stride) : target
    parallelFor(batch * parts.rows * parts.columns * parts.depths) { tiles in
      for tile in tiles {
        let (matrix, inside) = tile.quotientAndRemainder(
          dividingBy: parts.rows * parts.columns * parts.depths)
        let (part, tileInArea) = inside.quotientAndRemainder(dividingBy: parts.rows * parts.columns)
        let (row, column) = tileInArea.quotientAndRemainder(dividingBy: parts.columns)
        // Safe: each part of a split depth has `area` floats of its own.
        let output = unsafe part == 0 ? target.floats : partials.floats + (part - 1) * area
        unsafe computeTile(
          matrix: matrix, rows: slice(row, of: rows, parts.rows),
          columns: slice(column, of: columns, parts.columns),
          depths: slice(part, of: depth, parts.depths), into: output,
          adding: adding && part == 0, bias: part == 0 ? bias?.floats : nil)
      }
    }
    for part in 1..<Swift.max(parts.depths, 1) {
      // Safe: `target` and every part hold `area` floats.
      unsafe cblas_saxpy(
        blasint(area), 1, partials.floats + (part - 1) * area, 1, target.floats, 1)
    }
    withExtendedLifetime((left.storage, right.storage, bias, target, partials)) {}
  }

  private func computeTile(
    matrix: Int, rows: Range<Int>, columns: Range<Int>, depths: Range<Int>,
    into target: UnsafeMutablePointer<Float>, adding: Bool, bias: UnsafeMutablePointer<Float>?
  ) {
    guard !rows.isEmpty && !columns.isEmpty else { return }
    // Safe: the ranges are inside matrices whose sizes the caller checked.
    let output =
      unsafe target + (matrix * self.rows + rows.lowerBound) * self.columns
      + columns.lowerBound
    if let bias = unsafe bias {
      for row in 0..<rows.count {
        unsafe (output + row * self.columns).update(
          from: bias + columns.lowerBound, count: columns.count)
      }
    }
    let a =
      unsafe left.storage.floats + matrix * self.rows * depth
      + left.offset(row: rows.lowerBound, column: depths.lowerBound)
    let b =
      unsafe right.storage.floats + matrix * self.columns * depth
      + right.offset(row: depths.lowerBound, column: columns.lowerBound)
    unsafe cblas_sgemm(
      CblasRowMajor, left.transposition, right.transposition, blasint(rows.count),
      blasint(columns.count), blasint(depths.count), scale, a,
      blasint(Swift.max(left.columns, 1)), b, blasint(Swift.max(right.columns, 1)),
      adding || bias != nil ? 1 : 0, output, blasint(self.columns))
  }
}

extension MatrixProduct {
  /// How many tiles each size is split into.
  struct Partition: Equatable {
    var rows = 1
    var columns = 1
    var depths = 1
  }

  /// Strips over the longer side of the result; over the depth where the result is small.
  ///
  /// A strip packs the other operand once more, so it is up to 512 long.
  var partition: Partition {
    func strips(_ size: Int, upTo longest: Int) -> Int { 2 * ((size - 1) / (2 * longest) + 1) }
    let operations = 2 * rows * columns * depth
    guard operations >= 1 << 20 && batch < 4 else { return Partition() }
    if Swift.max(rows, columns) >= 128 {
      return rows >= columns || rows >= 512
        ? Partition(rows: strips(rows, upTo: 512)) : Partition(columns: strips(columns, upTo: 512))
    }
    if batch == 1 && depth >= 2048 {
      return Partition(depths: Swift.min(strips(depth, upTo: 2048), 16))
    }
    return Partition(rows: rows >= 32 ? 2 : 1)
  }

  /// Part `index` of `0..<size` in `parts` parts whose borders are multiples of 16.
  private func slice(_ index: Int, of size: Int, _ parts: Int) -> Range<Int> {
    let length = ((size + parts - 1) / parts + 15) / 16 * 16
    let start = Swift.min(index * length, size)
    return start..<Swift.min(start + length, size)
  }
}
