internal import CCRFRefine
internal import Tensor

/// How maps and links lie in memory for the kernel: rows padded with zeros, so that no pixel needs a
/// check of the border.
struct WalkLayout {
  let height, width: Int
  /// The largest |dy| and |dx| of a link.
  let reach: Int
  /// Floats from one row to the next.
  let stride: Int
  /// dy, dx of each link.
  let offsets: [Int32]

  init(_ graph: AffinityGraph) {
    (height, width, reach) = (graph.height, graph.width, graph.pairs.radius - 1)
    stride = (width + reach + Self.lanes - 1) / Self.lanes * Self.lanes
    offsets = graph.pairs.offsets.flatMap { [Int32($0.dy), Int32($0.dx)] }
  }

  /// Zeros before and after every array.
  static let lanes = cw_lanes
  /// Links a pixel, of one direction.
  var linkCount: Int { offsets.count / 2 }
  /// Floats of a map with the rows of zeros around it.
  var plane: Int { (height + 2 * reach) * stride }
  /// Where the first pixel of the first map lies.
  var origin: Int { Self.lanes + reach * stride }
  /// Where the links of the first row lie, under rows of zeros.
  var linkOrigin: Int { Self.lanes + reach * linkCount * stride }
  /// Floats of all links.
  var linkSize: Int { linkOrigin + height * linkCount * stride + Self.lanes }

  /// Maps of zeros.
  func maps(_ count: Int) -> Tensor { .zeros([count * plane + 2 * Self.lanes]) }

  /// Where row `y` of a map lies.
  func row(_ y: Int, map: Int = 0) -> Int { origin + map * plane + y * stride }

  /// Calls `body` with the layout as the kernel reads it.
  func withGrid(_ body: (cw_grid) -> Void) {
    unsafe offsets.withUnsafeBufferPointer { offsets in
      // Safe: the array lives during the call.
      unsafe body(
        cw_grid(
          count: linkCount, reach: reach, offsets: offsets.baseAddress, width: width,
          stride: stride, plane: plane))
    }
  }
}
