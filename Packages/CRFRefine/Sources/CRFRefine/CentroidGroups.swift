public import Tensor

/// Pixels grouped by the centre that their displacements lead to: the instances of IRN.
public struct CentroidGroups: Sendable {
  /// The group of each pixel, 0..<`count`, `[H, W]`. Pixels that end where displacements are strong
  /// form group 0, if there are any.
  public let groups: IndexTensor
  /// The number of groups.
  public let count: Int

  /// Follows a displacement field from each pixel and groups pixels by where they end.
  ///
  /// - Parameters:
  ///   - displacement: The way from each pixel to its object's centre in pixels, vertical first,
  ///     finite: `[H, W, 2]`.
  ///   - steps: How often each pixel's end moves by the displacement there, 0 or more.
  ///   - weakness: Displacements shorter than this, in pixels, are centres; those that touch (by a
  ///     side) are one.
  /// - Throws: `CRFRefineError` where the shape is another, a displacement is not finite, or an
  ///   option is out of range.
  /// - Complexity: O(steps H W), on all threads.
  ///
  /// Ahn, Cho and Kwak, CVPR 2019 (https://arxiv.org/abs/1904.05044), section 3.4.
  public init(
    displacement: Tensor, steps: Int = 300, weakness: Float = 2.5
  ) throws(CRFRefineError) {
    guard displacement.rank == 3, displacement.shape[2] == 2, displacement.count > 0 else {
      throw CRFRefineError(
        "displacements: \(displacement.shape), expected [H, W, 2] of 1 x 1 or more")
    }
    guard steps >= 0, weakness >= 0 else {
      throw CRFRefineError(
        "centroids: \(steps) steps, weakness \(weakness), expected 0 or more of both")
    }
    try displacement.expectRange(
      "displacements", -.greatestFiniteMagnitude, .greatestFiniteMagnitude)
    let (height, width) = (displacement.shape[0], displacement.shape[1])
    let isCentre = displacement.withScalars { field in
      (0..<height * width).map { pixel -> Int32 in
        let (dy, dx) = (field[2 * pixel], field[2 * pixel + 1])
        return (dy * dy + dx * dx).squareRoot() < weakness ? 1 : -1
      }
    }
    let centres = ConnectedComponents(isCentre, width: width)
    let ends = Self.ends(of: displacement, steps: steps)
    // Numbers without gaps, in the order of the centres.
    var number = [Int32](repeating: -1, count: centres.values.count + 1)
    for end in ends { number[Int(centres.labels[Int(end)])] = 0 }
    var count = 0
    for centre in number.indices where number[centre] == 0 {
      number[centre] = Int32(count)
      count += 1
    }
    let groups = ends.map { number[Int(centres.labels[Int($0)])] }
    self.groups = IndexTensor(groups, shape: [height, width])
    self.count = count
  }

  /// The pixel where each pixel ends.
  private static func ends(of displacement: Tensor, steps: Int) -> [Int32] {
    let (height, width) = (displacement.shape[0], displacement.shape[1])
    return unsafe [Int32](unsafeUninitializedCapacity: height * width) { ends, count in
      count = height * width
      let ends = unsafe ends
      unsafe displacement.withUnsafeScalars { field in
        parallelFor(height) { rows in
          for y in rows {
            for x in 0..<width {
              // Safe: a centroid stays within the map, and each call sets its own rows.
              let end = unsafe follow(field, height, width, y, x, steps)
              unsafe ends[y * width + x] = Int32(end)
            }
          }
        }
      }
    }
  }

  private static func follow(
    _ field: UnsafeBufferPointer<Float>, _ height: Int, _ width: Int, _ y: Int, _ x: Int,
    _ steps: Int
  ) -> Int {
    var (cy, cx) = (Double(y), Double(x))
    for _ in 0..<steps {
      let (top, left) = (cy.rounded(.down), cx.rounded(.down))
      let (v, u) = (cy - top, cx - left)
      let first = Int(top) * width + Int(left)
      let (down, right) = (v > 0 ? width : 0, u > 0 ? 1 : 0)
      func mean(_ axis: Int) -> Double {
        let corner = { (step: Int) in unsafe Double(field[2 * (first + step) + axis]) }
        return corner(down + right) * v * u + corner(down) * v * (1 - u)
          + corner(right) * (1 - v) * u + corner(0) * (1 - v) * (1 - u)
      }
      let (dy, dx) = (mean(0), mean(1))
      let next = (
        min(max(cy + dy, 0), Double(height - 1)), min(max(cx + dx, 0), Double(width - 1))
      )
      // Where it rests it stays.
      if next == (cy, cx) { break }
      (cy, cx) = next
    }
    return Int(cy.rounded(.toNearestOrEven)) * width + Int(cx.rounded(.toNearestOrEven))
  }
}
