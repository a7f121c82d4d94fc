/// How a part of a figure is coloured.
struct Material {
  enum Pattern {
    case plain
    /// Large patches of the second colour, as a cow's.
    case patches
    /// Small soft spots, as feathers or rust.
    case mottled
    /// Stripes across, `scale` of them a unit.
    case bands
    /// Upright stripes.
    case columns
    case bricks
    case scales
  }

  var base: Color
  var second: Color
  var pattern = Pattern.plain
  /// Repeats of the pattern a unit of length.
  var scale = 10.0
  /// How much brightness varies at random from place to place.
  var roughness = 0.25
  /// How much darker the part becomes towards its edge and its lower side.
  var shading = 0.35

  init(
    _ base: Color, _ second: Color? = nil, _ pattern: Pattern = .plain, scale: Double = 10,
    roughness: Double = 0.25, shading: Double = 0.35
  ) {
    self.base = base
    self.second = second ?? base
    self.pattern = pattern
    self.scale = scale
    self.roughness = roughness
    self.shading = shading
  }

  /// The colour at a place of the figure's plane: `depth` is its distance from the part's edge,
  /// `height` 0 at the part's top and 1 at its bottom.
  func color(_ p: Point, depth: Double, height: Double, noise: Noise) -> Color {
    let grain = noise.fractal(p.x * 14, p.y * 14) - 0.5
    let rim = 1 - step(depth, 0, 0.07)
    let light = 1 + roughness * grain * 2 - shading * (0.55 * rim + 0.6 * (height - 0.35))
    return mix(base, second, amount(p, noise)) * light
  }

  /// How much of the second colour there is.
  private func amount(_ p: Point, _ noise: Noise) -> Double {
    switch pattern {
    case .plain: return 0
    case .patches: return step(noise.fractal(p.x * scale + 9, p.y * scale + 5), 0.49, 0.53)
    case .mottled: return step(noise.fractal(p.x * scale + 3, p.y * scale + 7), 0.35, 0.65)
    case .bands: return step(abs(fraction(p.y * scale) - 0.5), 0.22, 0.28)
    case .columns: return step(abs(fraction(p.x * scale) - 0.5), 0.38, 0.44)
    case .bricks:
      let row = (p.y * scale * 2).rounded(.down)
      let x = fraction(p.x * scale + row * 0.5)
      let y = fraction(p.y * scale * 2)
      return max(step(abs(x - 0.5), 0.42, 0.47), step(abs(y - 0.5), 0.36, 0.44))
    case .scales:
      let row = (p.x * scale).rounded(.down)
      let (u, v) = (fraction(p.x * scale), fraction(p.y * scale + row * 0.5) - 0.5)
      return step((u * u + 2.4 * v * v).squareRoot(), 0.62, 0.86)
    }
  }
}
