/// A ground texture: the place where a class is mostly found, or a neutral one.
struct Backdrop {
  enum Kind: CaseIterable {
    case water, rails, sky, road, meadow, reef, snow, floor
    /// Grounds that belong to no class.
    case forest, plaster
  }

  let kind: Kind
  private let noise: Noise
  private let base: Color
  private let second: Color
  private let third: Color
  private let phase: Point
  private let zoom: Double

  init(_ kind: Kind, _ random: inout ReproducibleRandom) {
    self.kind = kind
    noise = random.noise()
    phase = Point(random.unit(), random.unit())
    zoom = random.uniform(0.8...1.3)
    let colors: ([Color], [Color], [Color]) =
      switch kind {
      case .water:
        (
          [Color(0.10, 0.33, 0.46), Color(0.13, 0.40, 0.42), Color(0.24, 0.36, 0.47)],
          [Color(0.28, 0.52, 0.62), Color(0.35, 0.55, 0.55)], [Color(0.82, 0.90, 0.92)]
        )
      case .rails:
        (
          [Color(0.44, 0.41, 0.38), Color(0.38, 0.34, 0.31), Color(0.50, 0.48, 0.47)],
          [Color(0.27, 0.19, 0.14), Color(0.33, 0.29, 0.26)], [Color(0.62, 0.62, 0.65)]
        )
      case .sky:
        (
          [Color(0.38, 0.58, 0.85), Color(0.52, 0.67, 0.84), Color(0.66, 0.66, 0.78)],
          [Color(0.72, 0.83, 0.93), Color(0.90, 0.80, 0.74)], [Color(0.95, 0.95, 0.96)]
        )
      case .road:
        (
          [Color(0.34, 0.34, 0.36), Color(0.27, 0.27, 0.29), Color(0.43, 0.42, 0.41)],
          [Color(0.22, 0.22, 0.23)], [Color(0.86, 0.86, 0.82), Color(0.85, 0.72, 0.30)]
        )
      case .meadow:
        (
          [Color(0.27, 0.46, 0.16), Color(0.36, 0.50, 0.20), Color(0.42, 0.47, 0.22)],
          [Color(0.15, 0.30, 0.09), Color(0.52, 0.60, 0.28)],
          [Color(0.95, 0.90, 0.45), Color(0.92, 0.92, 0.95), Color(0.75, 0.45, 0.75)]
        )
      case .reef:
        (
          [Color(0.05, 0.28, 0.45), Color(0.04, 0.36, 0.44), Color(0.09, 0.22, 0.42)],
          [Color(0.62, 0.35, 0.45), Color(0.66, 0.50, 0.32), Color(0.42, 0.28, 0.52)],
          [Color(0.45, 0.75, 0.80)]
        )
      case .snow:
        (
          [Color(0.86, 0.90, 0.95), Color(0.80, 0.85, 0.93), Color(0.90, 0.89, 0.90)],
          [Color(0.62, 0.70, 0.84), Color(0.66, 0.68, 0.76)], [Color(0.18, 0.30, 0.24)]
        )
      case .floor:
        (
          [Color(0.62, 0.44, 0.27), Color(0.50, 0.34, 0.20), Color(0.70, 0.55, 0.38)],
          [Color(0.34, 0.22, 0.13)], [Color(0.22, 0.14, 0.08)]
        )
      case .forest:
        (
          [Color(0.10, 0.22, 0.10), Color(0.14, 0.26, 0.16)], [Color(0.28, 0.40, 0.17)],
          [Color(0.20, 0.14, 0.09)]
        )
      case .plaster:
        (
          [Color(0.72, 0.66, 0.56), Color(0.62, 0.63, 0.62), Color(0.70, 0.58, 0.50)],
          [Color(0.55, 0.49, 0.42)], [Color(0.40, 0.36, 0.32)]
        )
      }
    base = random.color(colors.0, spread: 0.05)
    second = random.color(colors.1, spread: 0.05)
    third = random.color(colors.2, spread: 0.03)
  }

  /// The colour at a place, in units of the picture's longer side.
  func color(_ picture: Point) -> Color {
    let (x, y) = (picture.x * zoom + phase.x * 8, picture.y * zoom + phase.y * 8)
    switch kind {
    case .water:
      let swell = noise.fractal(x * 5, y * 17)
      let ripple = noise.fractal(x * 16 + 50, y * 55)
      let glint = step(ripple * 0.6 + swell * 0.4, 0.62, 0.72)
      return mix(mix(base, second, step(swell, 0.3, 0.75)), third, 0.75 * glint)
    case .rails:
      let stones = noise.value(x * 42, y * 42) + 0.5 * noise.value(x * 90, y * 90)
      var color = base * (0.55 + 0.6 * stones)
      let v = fraction(picture.y * 3.1 * zoom + phase.y)
      if v > 0.12 && v < 0.72 {
        let tie = step(abs(fraction(x * 8) - 0.5), 0.21, 0.25)
        color = mix(color, second * (0.7 + 0.6 * noise.fractal(x * 10, y * 60)), 1 - tie)
      }
      let rail = min(abs(v - 0.25), abs(v - 0.59))
      color = mix(
        color, third * (0.8 + 0.4 * noise.value(x * 9, y * 2)), 1 - step(rail, 0.025, 0.04))
      return mix(color, color * 0.5, step(rail, 0.03, 0.04) - step(rail, 0.045, 0.07))
    case .sky:
      let cloud = noise.fractal(x * 3, y * 5.5, octaves: 4)
      let blue = mix(base, second, min(max(picture.y, 0), 1))
      return mix(blue, third, 0.9 * step(cloud, 0.48, 0.68))
    case .road:
      let tar = noise.value(x * 75, y * 75) * 0.35 + noise.fractal(x * 6, y * 6) * 0.5
      var color = mix(base, second, step(noise.fractal(x * 4 + 7, y * 4), 0.5, 0.7)) * (0.6 + tar)
      let v = fraction(picture.y * 2.2 * zoom + phase.y)
      let dash = step(abs(fraction(x * 2.4) - 0.5), 0.27, 0.29)
      let paint = (1 - step(abs(v - 0.5), 0.035, 0.05)) * (1 - dash)
      color = mix(color, third * (0.85 + 0.2 * noise.value(x * 30, y * 30)), paint * 0.9)
      return color
    case .meadow:
      let clumps = noise.fractal(x * 5, y * 7)
      let blades = noise.value(x * 70, y * 22)
      let flower = noise.value(x * 24 + 31, y * 24)
      let grass = mix(base, second, step(clumps, 0.3, 0.75)) * (0.62 + 0.75 * blades)
      return mix(grass, third, 0.85 * step(flower, 0.88, 0.93))
    case .reef:
      let growth = noise.fractal(x * 5, y * 5, octaves: 4)
      let light = noise.fractal(x * 4 + 20, y * 12)
      let sea = mix(base, third, 0.45 * step(light, 0.45, 0.8))
      let coral = second * (0.55 + 0.8 * noise.value(x * 34, y * 34))
      return mix(sea, coral, 0.9 * step(growth, 0.54, 0.6))
    case .snow:
      let drift = noise.fractal(x * 2.2, y * 5)
      let grain = noise.value(x * 80, y * 80)
      let field = mix(base, second, 0.6 * step(drift, 0.4, 0.75)) * (0.95 + 0.09 * grain)
      return mix(field, third * (0.7 + 0.6 * grain), pine(x * 6.5, y * 6.5))
    case .floor:
      let row = (y * 9).rounded(.down)
      let along = x * 1.6 + noise.lattice(Int(row), 5) * 3
      let board = noise.lattice(Int(along.rounded(.down)), Int(row))
      let grain = noise.fractal(x * 7 + board * 90, y * 60)
      let seam = min(0.5 - abs(fraction(y * 9) - 0.5), (0.5 - abs(fraction(along) - 0.5)) * 5)
      let wood = mix(base, second, 0.65 * step(grain, 0.3, 0.8)) * (0.78 + 0.4 * board)
      return mix(third, wood, step(seam, 0.02, 0.09))
    case .forest:
      let leaves = noise.fractal(x * 14, y * 14, octaves: 4)
      let trunk = step(noise.value(x * 9, 3 + y * 0.4), 0.78, 0.84)
      return mix(mix(base, second, step(leaves, 0.4, 0.7)), third, 0.8 * trunk)
        * (0.6 + 0.7 * noise.value(x * 40, y * 40))
    case .plaster:
      let stains = noise.fractal(x * 3, y * 3, octaves: 4)
      let crack = abs(noise.fractal(x * 4 + 60, y * 4) - 0.5)
      return mix(
        mix(base, second, step(stains, 0.45, 0.7)), third, 0.7 * (1 - step(crack, 0, 0.012)))
        * (0.9 + 0.2 * noise.value(x * 50, y * 50))
    }
  }

  /// How much of a small fir tree is here, where each cell of a grid may hold one.
  private func pine(_ x: Double, _ y: Double) -> Double {
    let (column, row) = (Int(x.rounded(.down)), Int(y.rounded(.down)))
    guard noise.lattice(column + 900, row) < 0.55 else { return 0 }
    let center = 0.3 + 0.4 * noise.lattice(column, row + 900)
    let top = 0.05 + 0.3 * noise.lattice(column, row + 1800)
    let (u, v) = (abs(fraction(x) - center), fraction(y) - top)
    let height = 0.6
    guard v > 0, v < height else { return v >= height && v < height + 0.08 && u < 0.05 ? 1 : 0 }
    // Three tiers of branches, the lower the wider.
    let tier = fraction(v / height * 3)
    let width = 0.05 + 0.16 * v / height + 0.07 * tier
    return 1 - step(u, width - 0.04, width + 0.02)
  }
}
