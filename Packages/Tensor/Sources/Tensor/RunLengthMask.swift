/// A binary mask as runs of equal pixels, the form COCO keeps masks in.
///
/// Pixels are counted column by column, as COCO does: `counts` are the lengths of runs of 0 and 1
/// in turn, starting with 0. Everything equals pycocotools' `mask` module run for run.
public struct RunLengthMask: Hashable, Sendable {
  /// The number of rows.
  public let height: Int
  /// The number of columns.
  public let width: Int
  /// The lengths of the runs, of 0 first; they sum to `height * width`.
  public let counts: [Int]

  /// Sizes up to here are masks of pictures; more is a broken file.
  static let maximumPixelCount = 1 << 27

  init(trusted counts: [Int], height: Int, width: Int) {
    self.height = height
    self.width = width
    self.counts = counts
  }

  /// Creates a mask from the lengths of its runs: COCO's "uncompressed RLE".
  ///
  /// - Parameters:
  ///   - counts: Lengths of runs of 0 and 1 in turn, column by column.
  ///   - height: The number of rows.
  ///   - width: The number of columns.
  /// - Throws: `RunLengthMaskError` where a length is negative or they do not sum to the size.
  public init(counts: [Int], height: Int, width: Int) throws(RunLengthMaskError) {
    try Self.checkSize(height, width)
    let pixels = height * width
    var total = 0
    for count in counts {
      guard count >= 0, count <= pixels - total else {
        throw RunLengthMaskError(
          "a run of \(count) after \(total) of \(pixels) pixels (\(height) x \(width))")
      }
      total += count
    }
    guard total == pixels else {
      throw RunLengthMaskError(
        "the runs sum to \(total), expected \(pixels) (\(height) x \(width))")
    }
    self.init(trusted: counts, height: height, width: width)
  }

  static func checkSize(_ height: Int, _ width: Int) throws(RunLengthMaskError) {
    guard height >= 0, width >= 0, width == 0 || height <= maximumPixelCount / max(width, 1) else {
      throw RunLengthMaskError("a mask of \(height) x \(width) pixels")
    }
  }

  /// Creates a mask of the pixels that are not 0.
  ///
  /// - Parameters:
  ///   - bitmap: A byte a pixel, row-major, `height * width` of them.
  ///   - height: The number of rows.
  ///   - width: The number of columns.
  public init(bitmap: [UInt8], height: Int, width: Int) {
    check(
      bitmap.count == height * width,
      "RunLengthMask: \(bitmap.count) pixels for a mask of \(height) x \(width)")
    var counts: [Int] = []
    var (run, isSet) = (0, false)
    for x in 0..<width {
      for y in 0..<height {
        if (bitmap[y * width + x] != 0) != isSet {
          counts.append(run)
          run = 0
          isSet.toggle()
        }
        run += 1
      }
    }
    counts.append(run)
    self.init(trusted: counts, height: height, width: width)
  }

  /// The mask with a byte a pixel, 0 or 1, row-major.
  public var bitmap: [UInt8] {
    var bitmap = [UInt8](repeating: 0, count: height * width)
    forEachRun { start, length in
      var (x, y) = (start / height, start % height)
      for _ in 0..<length {
        bitmap[y * width + x] = 1
        y += 1
        if y == height { (x, y) = (x + 1, 0) }
      }
    }
    return bitmap
  }

  /// The number of pixels that are set.
  public var area: Int {
    var area = 0
    forEachRun { _, length in area += length }
    return area
  }

  /// Calls `body` with the start, column by column, and the length of each run of set pixels.
  public func forEachRun(_ body: (_ start: Int, _ length: Int) -> Void) {
    var start = 0
    for (index, count) in counts.enumerated() {
      if index % 2 == 1 && count > 0 { body(start, count) }
      start += count
    }
  }
}

/// What is wrong with a run-length code or a polygon.
public struct RunLengthMaskError: Error, Hashable, CustomStringConvertible {
  /// What was expected and what was found.
  public let description: String

  init(_ description: String) { self.description = description }
}
