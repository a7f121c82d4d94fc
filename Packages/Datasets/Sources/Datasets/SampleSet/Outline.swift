/// A place in a figure's own plane: x to the right, y down.
struct Point {
  var x: Double
  var y: Double

  init(_ x: Double, _ y: Double) { (self.x, self.y) = (x, y) }
}

/// A shape, by the distance of points from its edge.
enum Outline {
  case ellipse(Point, Double, Double)
  /// Centre, half sizes, radius of the corners.
  case box(Point, Double, Double, Double)
  case polygon([Point])
  /// A line with round ends of that radius.
  case line(Point, Point, Double)

  /// The distance from the edge, negative inside; for ellipses close to it.
  func distance(_ p: Point) -> Double {
    switch self {
    case .ellipse(let center, let a, let b):
      let (x, y) = ((p.x - center.x) / a, (p.y - center.y) / b)
      let near = (x * x + y * y).squareRoot()
      guard near > 1e-9 else { return -min(a, b) }
      let slope = (x * x / (a * a) + y * y / (b * b)).squareRoot()
      return max(near * (near - 1) / slope, -min(a, b))
    case .box(let center, let halfWidth, let halfHeight, let radius):
      let x = abs(p.x - center.x) - halfWidth + radius
      let y = abs(p.y - center.y) - halfHeight + radius
      let (outX, outY) = (max(x, 0), max(y, 0))
      return (outX * outX + outY * outY).squareRoot() + min(max(x, y), 0) - radius
    case .line(let a, let b, let radius): return p.distance(toSegment: a, b) - radius
    case .polygon(let corners):
      var nearest = Double.infinity
      var isInside = false
      var a = corners[corners.count - 1]
      for b in corners {
        nearest = min(nearest, p.distance(toSegment: a, b))
        if (a.y > p.y) != (b.y > p.y), p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x {
          isInside.toggle()
        }
        a = b
      }
      return isInside ? -nearest : nearest
    }
  }

  /// The corners of the smallest upright box around it.
  var bounds: (low: Point, high: Point) {
    switch self {
    case .ellipse(let center, let a, let b), .box(let center, let a, let b, _):
      return (Point(center.x - a, center.y - b), Point(center.x + a, center.y + b))
    case .line(let a, let b, let radius):
      return (
        Point(min(a.x, b.x) - radius, min(a.y, b.y) - radius),
        Point(max(a.x, b.x) + radius, max(a.y, b.y) + radius)
      )
    case .polygon(let corners):
      var (low, high) = (corners[0], corners[0])
      for corner in corners {
        low = Point(min(low.x, corner.x), min(low.y, corner.y))
        high = Point(max(high.x, corner.x), max(high.y, corner.y))
      }
      return (low, high)
    }
  }
}

extension Point {
  fileprivate func distance(toSegment a: Point, _ b: Point) -> Double {
    let (edgeX, edgeY) = (b.x - a.x, b.y - a.y)
    let (x, y) = (self.x - a.x, self.y - a.y)
    let length = edgeX * edgeX + edgeY * edgeY
    let t = length > 0 ? min(max((x * edgeX + y * edgeY) / length, 0), 1) : 0
    let (dx, dy) = (x - t * edgeX, y - t * edgeY)
    return (dx * dx + dy * dy).squareRoot()
  }
}
