extension RunLengthMask {
  /// Creates a mask of the inside of a polygon, pixel for pixel as pycocotools draws it.
  ///
  /// The border is walked on a grid five times finer than the pixels; a pixel belongs to the inside
  /// by where the border crosses the middle of its column.
  ///
  /// - Parameters:
  ///   - polygon: x and y of each corner in turn, three corners or more; (0, 0) is the upper left
  ///     corner of the first pixel. They may lie outside of the mask.
  ///   - height: The number of rows.
  ///   - width: The number of columns.
  /// - Throws: `RunLengthMaskError` where the coordinates are too few, not in pairs, not finite or
  ///   beyond 65 536.
  public init(polygon: [Double], height: Int, width: Int) throws(RunLengthMaskError) {
    try Self.checkSize(height, width)
    guard polygon.count >= 6, polygon.count % 2 == 0 else {
      throw RunLengthMaskError(
        "a polygon of \(polygon.count) numbers, expected x and y of three corners or more")
    }
    if let wild = polygon.first(where: { !(abs($0) <= 65_536) }) {
      throw RunLengthMaskError("a polygon with the coordinate \(wild), expected -65536...65536")
    }
    var border = Border(height: height, width: width)
    let corners = polygon.map { Int(scale * $0 + 0.5) }
    for start in stride(from: 0, to: corners.count, by: 2) {
      let end = (start + 2) % corners.count
      border.walk(corners[start], corners[start + 1], corners[end], corners[end + 1])
    }
    self.init(trusted: border.counts(), height: height, width: width)
  }
}

/// The border's steps are a fifth of a pixel.
private let scale = 5.0

/// The places, counted column by column, where a polygon's border crosses the middle of a column.
private struct Border {
  let height: Int
  let width: Int
  private var crossings: [Int] = []
  private var last: (x: Int, y: Int)?

  init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  /// Walks a straight edge in single steps along its longer axis.
  mutating func walk(_ startX: Int, _ startY: Int, _ endX: Int, _ endY: Int) {
    let (dx, dy) = (abs(endX - startX), abs(endY - startY))
    let isBackward = dx >= dy ? startX > endX : startY > endY
    let (x, y) = isBackward ? (endX, endY) : (startX, startY)
    let (toX, toY) = isBackward ? (startX, startY) : (endX, endY)
    for step in 0...max(dx, dy) {
      let t = isBackward ? max(dx, dy) - step : step
      if dx >= dy {
        let slope = dx == 0 ? 0 : Double(toY - y) / Double(dx)
        visit(t + x, Int(Double(y) + slope * Double(t) + 0.5))
      } else {
        let slope = Double(toX - x) / Double(dy)
        visit(Int(Double(x) + slope * Double(t) + 0.5), t + y)
      }
    }
  }

  private mutating func visit(_ x: Int, _ y: Int) {
    defer { last = (x, y) }
    guard let last, x != last.x else { return }
    let column = (Double(min(x, last.x)) + 0.5) / scale - 0.5
    guard column.rounded(.down) == column, column >= 0, column <= Double(width - 1) else { return }
    let row = (Double(min(y, last.y)) + 0.5) / scale - 0.5
    crossings.append(
      Int(column) * height + Int(min(max(row, 0), Double(height)).rounded(.up)))
  }

  /// The runs between the crossings; empty ones melt their neighbours together.
  func counts() -> [Int] {
    var counts: [Int] = []
    var previous = 0
    var melts = false
    for crossing in crossings.sorted() + [height * width] {
      let run = crossing - previous
      previous = crossing
      if melts {
        counts[counts.count - 1] += run
        melts = false
      } else if run > 0 || counts.isEmpty {
        counts.append(run)
      } else {
        melts = true
      }
    }
    return counts
  }
}
