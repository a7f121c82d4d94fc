/// An object to be painted: parts in the order of painting, in a plane of its own.
struct Figure {
  struct Part {
    let outline: Outline
    let material: Material
  }

  private(set) var parts: [Part] = []
  /// Whether it stands on the ground and darkens it.
  var hasShadow = true
  /// How far it may be turned either way, as the tangent of half the angle.
  var tilt = 0.06

  mutating func add(_ outline: Outline, _ material: Material) {
    parts.append(Part(outline: outline, material: material))
  }

  /// The corners of the smallest upright box around all parts.
  var bounds: (low: Point, high: Point) {
    var (low, high) = parts[0].outline.bounds
    for part in parts.dropFirst() {
      let box = part.outline.bounds
      low = Point(min(low.x, box.low.x), min(low.y, box.low.y))
      high = Point(max(high.x, box.high.x), max(high.y, box.high.y))
    }
    return (low, high)
  }
}

/// Where a figure stands in a picture.
struct Placement {
  /// The picture's pixel where the figure's own (0, 0) lies.
  let center: Point
  /// Pixels a unit of the figure's plane.
  let scale: Double
  let cosine: Double
  let sine: Double
  let isMirrored: Bool

  /// `turn` is the tangent of half the angle: sine and cosine are fractions of it.
  init(center: Point, scale: Double, turn: Double, isMirrored: Bool) {
    self.center = center
    self.scale = scale
    cosine = (1 - turn * turn) / (1 + turn * turn)
    sine = 2 * turn / (1 + turn * turn)
    self.isMirrored = isMirrored
  }

  /// The figure's point at a place of the picture.
  func figurePoint(_ x: Double, _ y: Double) -> Point {
    let (dx, dy) = ((x - center.x) / scale, (y - center.y) / scale)
    let u = cosine * dx + sine * dy
    return Point(isMirrored ? -u : u, cosine * dy - sine * dx)
  }

  /// The picture's place of a point of the figure.
  func picturePoint(_ p: Point) -> Point {
    let u = isMirrored ? -p.x : p.x
    return Point(
      center.x + scale * (cosine * u - sine * p.y), center.y + scale * (sine * u + cosine * p.y))
  }
}
