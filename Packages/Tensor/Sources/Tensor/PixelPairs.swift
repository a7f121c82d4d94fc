internal import CKernels

/// Pairs of pixels closer together than a radius, each pair once, and the paths between them.
///
/// The second pixel of a pair lies to the right of the first or below it: offsets have `dy >= 0`.
/// IRN (Ahn et al., CVPR 2019) and PSA (Ahn and Kwak, CVPR 2018) both look at these pairs.
public struct PixelPairs: Hashable, Sendable {
  /// A way from one pixel to another.
  public struct Offset: Hashable, Sendable {
    /// Rows down.
    public let dy: Int
    /// Columns to the right.
    public let dx: Int

    /// Creates an offset.
    public init(dy: Int, dx: Int) { (self.dy, self.dx) = (dy, dx) }
  }

  /// Which pixels of a map are the first of a pair.
  public enum Sources: Hashable, Sendable {
    /// Every pixel whose partner lies in the map.
    case all
    /// The pixels all of whose partners lie in the map, so that none counts less at a border: the
    /// rows but the last `radius - 1`, the columns but the first and last `radius - 1`. Both IRN and
    /// PSA train on these.
    case inner
  }

  /// Pixels nearer than this are paired.
  public let radius: Int
  /// The offsets: to the right first, then row by row; 34 at radius 5, 152 at radius 10.
  public let offsets: [Offset]
  /// The pixels closer than 1 to each offset's segment, both ends included, far end first.
  public let paths: [[Offset]]

  /// `offsets`, the starts of the paths, and the paths, as the kernels read them.
  private let flatOffsets, starts, flatPaths: [Int32]

  /// Creates the pairs of a radius.
  ///
  /// - Parameter radius: 2...64; IRN trains with 10 and walks with 5, PSA uses 5.
  public init(radius: Int) {
    check((2...64).contains(radius), "PixelPairs: radius \(radius), expected 2...64")
    self.radius = radius
    let right = (1..<radius).map { Offset(dy: 0, dx: $0) }
    let below = (1..<radius).flatMap { dy in
      (1 - radius..<radius).filter { dy * dy + $0 * $0 < radius * radius }
        .map { Offset(dy: dy, dx: $0) }
    }
    offsets = right + below
    paths = offsets.map(Self.path)
    flatOffsets = offsets.flatMap { [Int32($0.dy), Int32($0.dx)] }
    starts = paths.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int32($1.count)) }
    flatPaths = paths.flatMap { $0.flatMap { [Int32($0.dy), Int32($0.dx)] } }
  }

  private static func path(to end: Offset) -> [Offset] {
    let square = end.dy * end.dy + end.dx * end.dx
    var path: [Offset] = []
    for dy in 0...end.dy {
      for dx in min(0, end.dx)...max(0, end.dx) {
        let cross = end.dy * dx - end.dx * dy
        if cross * cross < square { path.append(Offset(dy: dy, dx: dx)) }
      }
    }
    // Stable, as the order decides which of equal boundaries on a path gets the gradient.
    return path.enumerated().sorted { left, right in
      let (a, b) = (left.element.length, right.element.length)
      return a != b ? a > b : left.offset < right.offset
    }.map(\.element)
  }

  /// The rows and columns of first pixels.
  func sources(_ sources: Sources, height: Int, width: Int) -> (
    rows: Range<Int>, columns: Range<Int>
  ) {
    let margin = sources == .inner ? radius - 1 : 0
    let last = max(margin, width - margin)
    return (0..<max(0, height - margin), margin..<last)
  }

  /// Calls `body` with the tables that the kernels read; they must not leave it.
  func withTables<Result>(_ body: (ck_pixel_pairs) -> Result) -> Result {
    unsafe flatOffsets.withUnsafeBufferPointer { offsets in
      unsafe starts.withUnsafeBufferPointer { starts in
        unsafe flatPaths.withUnsafeBufferPointer { paths in
          // Safe: the arrays live during the call.
          unsafe body(
            ck_pixel_pairs(
              count: self.offsets.count, reach: radius - 1, offsets: offsets.baseAddress,
              starts: starts.baseAddress, paths: paths.baseAddress))
        }
      }
    }
  }
}

extension PixelPairs.Offset {
  /// The steps along rows and columns.
  fileprivate var length: Int { abs(dy) + abs(dx) }
}
