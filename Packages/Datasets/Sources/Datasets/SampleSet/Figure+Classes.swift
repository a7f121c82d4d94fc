private let black = Color(0.07, 0.07, 0.08)
private let white = Color(0.93, 0.93, 0.91)
private let gray = Color(0.52, 0.53, 0.55)
private let brown = Color(0.42, 0.27, 0.16)
private let red = Color(0.76, 0.14, 0.12)
private let orange = Color(0.91, 0.50, 0.13)
private let yellow = Color(0.94, 0.80, 0.22)
private let green = Color(0.20, 0.45, 0.22)
private let blue = Color(0.16, 0.30, 0.62)
private let sand = Color(0.80, 0.68, 0.48)
private let glass = Color(0.55, 0.72, 0.80)

/// The classes, each with a part that is easily known (sail, engine, head, wheels, roof, blossom)
/// and a larger body whose colours and patterns other classes have as well.
extension Figure {
  static let classes: [(name: String, backdrop: Backdrop.Kind)] = [
    ("boat", .water), ("train", .rails), ("bird", .sky), ("car", .road), ("cow", .meadow),
    ("fish", .reef), ("house", .snow), ("plant", .floor),
  ]

  /// A new specimen of a class (1...8, as in `classes`), about one unit wide around (0, 0).
  static func specimen(_ label: Int, _ random: inout ReproducibleRandom) -> Figure {
    switch label {
    case 1: boat(&random)
    case 2: train(&random)
    case 3: bird(&random)
    case 4: car(&random)
    case 5: cow(&random)
    case 6: fish(&random)
    case 7: house(&random)
    default: plant(&random)
    }
  }

  private static func boat(_ random: inout ReproducibleRandom) -> Figure {
    var it = Figure()
    it.tilt = 0.08
    let hull = Material(
      random.color([brown, white, blue, green, gray, red]), random.color([brown, gray, black]),
      random.one(of: [.bands, .mottled, .plain]), scale: random.uniform(5...9))
    let mast = random.uniform(-0.06...0.06)
    let top = random.uniform(-0.62 ... -0.46)
    it.add(.line(Point(mast, top), Point(mast, 0.15), 0.014), Material(brown))
    let sail = Material(
      random.color([white, white, red, orange, sand]), random.color([white, red, blue]),
      random.one(of: [.plain, .plain, .bands]), scale: random.uniform(4...6), roughness: 0.1)
    let boom = random.uniform(0.28...0.44)
    it.add(
      .polygon([Point(mast + 0.03, top + 0.03), Point(mast + 0.03, 0.07), Point(boom, 0.05)]), sail)
    if random.chance(0.75) {
      it.add(
        .polygon([
          Point(mast - 0.03, top + 0.1), Point(mast - 0.03, 0.07), Point(-boom * 0.9, 0.07),
        ]), sail)
    }
    let flag = Material(random.color([red, yellow, blue]), shading: 0.1)
    it.add(
      .polygon([Point(mast, top - 0.06), Point(mast, top + 0.02), Point(mast - 0.13, top - 0.02)]),
      flag)
    if random.chance(0.5) {
      it.add(
        .box(Point(-0.12, 0.08), 0.16, 0.07, 0.02), Material(random.color([white, sand, brown])))
      it.add(.box(Point(-0.16, 0.07), 0.035, 0.03, 0.01), Material(glass * 0.6))
    }
    let bow = random.uniform(0.5...0.6)
    let depth = random.uniform(0.34...0.42)
    it.add(
      .polygon([
        Point(-0.5, 0.11), Point(bow, 0.09), Point(0.4, depth - 0.04), Point(0.32, depth),
        Point(-0.36, depth), Point(-0.45, depth - 0.08),
      ]), hull)
    it.add(
      .line(Point(-0.5, 0.12), Point(bow, 0.1), 0.018), Material(random.color([white, black])))
    return it
  }

  private static func train(_ random: inout ReproducibleRandom) -> Figure {
    var it = Figure()
    it.tilt = 0.05
    let paint = random.color([red, green, blue, black, brown])
    let side = Material(
      random.color([brown, green, gray, red, sand, blue]), random.color([black, brown, gray]),
      random.one(of: [.columns, .mottled, .plain, .bands]), scale: random.uniform(7...11))
    let wagons = random.one(of: [1, 1, 2])
    let length = wagons == 1 ? 0.62 : 0.44
    var left = 0.13
    for _ in 0..<wagons {
      left -= length + 0.03
      it.add(.box(Point(left + length / 2, 0.17), length / 2 + 0.03, 0.02, 0.005), Material(black))
      let roof = random.uniform(-0.2 ... -0.14)
      it.add(
        .box(Point(left + length / 2, (roof + 0.15) / 2), length / 2, (0.15 - roof) / 2, 0.02), side
      )
      if random.chance(0.6) {
        let count = wagons == 1 ? 4 : 3
        for index in 0..<count {
          let x = left + length * (Double(index) + 0.5) / Double(count)
          it.add(
            .box(Point(x, -0.05), length * 0.3 / Double(count), 0.045, 0.01),
            Material(mix(glass, black, 0.35)))
        }
      }
      for x in [left + 0.09, left + length - 0.09] {
        it.add(.ellipse(Point(x, 0.2), 0.055, 0.055), Material(black))
        it.add(.ellipse(Point(x, 0.2), 0.025, 0.025), Material(gray))
      }
    }
    // The engine, its front to the right.
    let coat = Material(paint, roughness: 0.12)
    it.add(.box(Point(0.5, -0.2), 0.042, 0.11, 0.01), Material(black))
    it.add(.box(Point(0.5, -0.3), 0.062, 0.025, 0.01), Material(red))
    it.add(.ellipse(Point(0.38, -0.13), 0.045, 0.06), Material(yellow * 0.9))
    it.add(.box(Point(0.41, 0.0), 0.21, 0.12, 0.07), coat)
    for x in [0.33, 0.43, 0.53] { it.add(.box(Point(x, 0), 0.008, 0.12, 0), Material(yellow)) }
    it.add(.box(Point(0.23, -0.06), 0.11, 0.19, 0.02), coat)
    it.add(.box(Point(0.23, -0.26), 0.14, 0.025, 0.015), Material(black))
    it.add(.box(Point(0.23, -0.13), 0.06, 0.065, 0.01), Material(glass))
    it.add(.box(Point(0.42, 0.15), 0.26, 0.03, 0.01), Material(black))
    it.add(.box(Point(0.67, 0.14), 0.03, 0.06, 0.01), Material(red))
    it.add(.ellipse(Point(0.62, -0.06), 0.035, 0.035), Material(yellow * 1.08, shading: 0.1))
    for x in [0.24, 0.39, 0.54] {
      it.add(.ellipse(Point(x, 0.18), 0.078, 0.078), Material(red * 0.9))
      it.add(.ellipse(Point(x, 0.18), 0.055, 0.055), Material(black))
      it.add(.ellipse(Point(x, 0.18), 0.022, 0.022), Material(gray))
    }
    it.add(.line(Point(0.24, 0.19), Point(0.54, 0.19), 0.012), Material(gray))
    return it
  }

  private static func bird(_ random: inout ReproducibleRandom) -> Figure {
    var it = Figure()
    it.hasShadow = false
    it.tilt = 0.2
    let tone = random.color([brown, gray, white, black, blue, sand])
    let plumage = Material(
      tone, random.color([brown, gray, white, black]), .mottled, scale: random.uniform(9...15))
    let wing = Material(
      tone * 0.8, random.color([black, gray, brown]), .bands, scale: random.uniform(9...14))
    let isFlying = random.chance(0.7)
    let lift = random.uniform(-0.55 ... -0.25)
    if isFlying {
      it.add(
        .polygon([
          Point(0.12, -0.03), Point(0.06, lift * 0.9), Point(-0.08, lift), Point(-0.12, -0.03),
        ]), Material(tone * 0.62, tone * 0.45, .bands, scale: 12))
    }
    it.add(
      .polygon([Point(-0.22, -0.04), Point(-0.56, -0.1), Point(-0.58, 0.08), Point(-0.22, 0.07)]),
      wing)
    if !isFlying {
      it.add(.line(Point(0.02, 0.1), Point(0.04, 0.34), 0.014), Material(orange))
      it.add(.line(Point(0.1, 0.1), Point(0.13, 0.34), 0.014), Material(orange))
    }
    it.add(.ellipse(Point(0, 0), 0.33, 0.17), plumage)
    if isFlying {
      let down = random.chance(0.35) ? -0.8 : 1.0
      it.add(
        .polygon([
          Point(0.18, 0.0), Point(0.1, lift * 0.7 * down), Point(-0.12, lift * 1.05 * down),
          Point(-0.28, lift * 0.85 * down), Point(-0.2, 0.05),
        ]), wing)
    } else {
      it.add(.ellipse(Point(-0.08, 0.0), 0.24, 0.1), wing)
    }
    it.add(.polygon([Point(0.2, -0.14), Point(0.42, -0.1), Point(0.2, 0.12)]), plumage)
    it.add(
      .polygon([Point(0.42, -0.2), Point(0.62, -0.11), Point(0.42, -0.08)]),
      Material(random.color([orange, yellow], spread: 0.04), shading: 0.15))
    it.add(
      .ellipse(Point(0.34, -0.14), 0.12, 0.11),
      Material(random.color([red, white, yellow, black, green])))
    it.add(.ellipse(Point(0.37, -0.16), 0.034, 0.034), Material(white, shading: 0))
    it.add(.ellipse(Point(0.378, -0.16), 0.02, 0.02), Material(black, shading: 0))
    return it
  }

  private static func car(_ random: inout ReproducibleRandom) -> Figure {
    var it = Figure()
    let paint = random.color([red, blue, gray, white, black, green, yellow, sand, brown])
    let coat = Material(
      paint, random.color([gray, paint * 0.7, brown]),
      random.one(of: [.plain, .plain, .mottled, .bands]), scale: random.uniform(3...7),
      roughness: 0.15)
    let roof = random.uniform(-0.28 ... -0.18)
    let isVan = random.chance(0.35)
    let rear = isVan ? -0.46 : -0.32
    it.add(
      .polygon([
        Point(rear, 0.0), Point(rear + 0.08, roof), Point(0.08, roof), Point(0.27, 0.0),
      ]), coat)
    let pane = Material(mix(glass, black, random.uniform(0...0.6)), roughness: 0.1)
    let middle = rear * 0.5 + 0.06
    it.add(
      .polygon([
        Point(rear + 0.06, -0.01), Point(rear + 0.11, roof + 0.035), Point(middle, roof + 0.035),
        Point(middle, -0.01),
      ]), pane)
    it.add(
      .polygon([
        Point(middle + 0.03, -0.01), Point(middle + 0.03, roof + 0.035),
        Point(0.065, roof + 0.035), Point(0.21, -0.01),
      ]), pane)
    it.add(.box(Point(0, 0.08), 0.5, 0.12, 0.06), coat)
    it.add(.box(Point(middle + 0.015, 0.06), 0.006, 0.09, 0), Material(paint * 0.5))
    it.add(.box(Point(middle + 0.08, 0.02), 0.03, 0.008, 0.004), Material(black))
    it.add(.ellipse(Point(0.46, 0.03), 0.036, 0.04), Material(yellow * 1.06, shading: 0.1))
    it.add(.box(Point(-0.48, 0.03), 0.02, 0.035, 0.01), Material(red * 1.15, shading: 0.1))
    it.add(.box(Point(0.47, 0.15), 0.06, 0.025, 0.02), Material(gray))
    for x in [-0.28, 0.29] {
      it.add(.ellipse(Point(x, 0.17), 0.125, 0.125), Material(black, shading: 0.1))
      it.add(.ellipse(Point(x, 0.17), 0.068, 0.068), Material(random.color([gray, white])))
      it.add(.ellipse(Point(x, 0.17), 0.022, 0.022), Material(black))
    }
    return it
  }

  private static func cow(_ random: inout ReproducibleRandom) -> Figure {
    var it = Figure()
    let coat = random.color([white, white, brown, sand, black])
    let hide = Material(
      coat, random.color([black, brown, white]), .patches, scale: random.uniform(2.5...4.5))
    let far = Material(coat * 0.6)
    let stride = random.uniform(-0.06...0.06)
    it.add(.line(Point(-0.26, 0.05), Point(-0.26 - stride, 0.38), 0.034), far)
    it.add(.line(Point(0.2, 0.05), Point(0.2 + stride, 0.38), 0.034), far)
    it.add(.line(Point(-0.41, -0.1), Point(-0.46, 0.18), 0.016), Material(coat * 0.75))
    it.add(.ellipse(Point(-0.46, 0.2), 0.028, 0.05), Material(black))
    it.add(
      .ellipse(Point(-0.16, 0.15), 0.085, 0.07), Material(Color(0.88, 0.62, 0.60), shading: 0.2))
    it.add(.box(Point(-0.05, -0.02), 0.37, 0.185, 0.14), hide)
    for x in [-0.32, 0.23] {
      let foot = x + stride * (x < 0 ? 1 : -1)
      it.add(.line(Point(x, 0.08), Point(foot, 0.37), 0.042), hide)
      it.add(.box(Point(foot, 0.395), 0.045, 0.025, 0.01), Material(black))
    }
    // Head up, or down to the grass.
    let drop = random.one(of: [0.0, 0.0, 0.22])
    it.add(.line(Point(0.26, -0.08), Point(0.4, -0.18 + drop), 0.095), hide)
    let (x, y) = (0.44, -0.24 + drop)
    let horn = Material(sand * 1.1, shading: 0.2)
    it.add(
      .polygon([Point(x - 0.06, y - 0.08), Point(x - 0.13, y - 0.22), Point(x + 0.0, y - 0.1)]),
      horn)
    it.add(
      .polygon([Point(x + 0.03, y - 0.09), Point(x + 0.08, y - 0.23), Point(x + 0.1, y - 0.07)]),
      horn)
    it.add(.ellipse(Point(x - 0.13, y - 0.03), 0.075, 0.035), Material(coat * 0.7))
    it.add(.line(Point(x, y), Point(x + 0.12, y + 0.12), 0.088), Material(coat * 0.95))
    it.add(
      .ellipse(Point(x + 0.15, y + 0.15), 0.085, 0.07),
      Material(Color(0.90, 0.66, 0.62), shading: 0.2))
    it.add(.ellipse(Point(x + 0.18, y + 0.14), 0.014, 0.018), Material(black))
    it.add(.ellipse(Point(x + 0.12, y + 0.17), 0.014, 0.018), Material(black))
    it.add(.ellipse(Point(x + 0.04, y - 0.01), 0.026, 0.026), Material(white, shading: 0))
    it.add(.ellipse(Point(x + 0.045, y - 0.008), 0.018, 0.018), Material(black, shading: 0))
    return it
  }

  private static func fish(_ random: inout ReproducibleRandom) -> Figure {
    var it = Figure()
    it.hasShadow = false
    it.tilt = 0.25
    let tone = random.color([orange, gray, blue, yellow, green, red])
    let fin = Material(tone * 0.8, tone * 0.55, .bands, scale: random.uniform(12...18))
    let fat = random.uniform(0.17...0.26)
    it.add(
      .polygon([
        Point(-0.26, 0), Point(-0.55, -0.22), Point(-0.48, 0), Point(-0.55, 0.22),
      ]), fin)
    it.add(
      .polygon([Point(0.14, -fat * 0.7), Point(-0.06, -fat - 0.15), Point(-0.24, -fat * 0.5)]), fin)
    it.add(
      .polygon([Point(0.06, fat * 0.8), Point(-0.08, fat + 0.12), Point(-0.16, fat * 0.7)]), fin)
    it.add(
      .ellipse(Point(0, 0), 0.38, fat),
      Material(
        tone, random.color([white, black, gray, brown, tone * 0.6]),
        random.one(of: [.scales, .scales, .columns, .mottled]), scale: random.uniform(8...12)))
    let face = Material(random.color([yellow, orange, white, blue]), roughness: 0.1)
    it.add(.ellipse(Point(0.25, 0.01), 0.17, fat * 0.72), face)
    it.add(.line(Point(0.12, -fat * 0.4), Point(0.12, fat * 0.45), 0.014), Material(tone * 0.5))
    it.add(.polygon([Point(0.36, 0.05), Point(0.45, 0.04), Point(0.37, 0.09)]), Material(red))
    it.add(.ellipse(Point(0.29, -0.045), 0.052, 0.052), Material(white, shading: 0))
    it.add(.ellipse(Point(0.302, -0.045), 0.031, 0.031), Material(black, shading: 0))
    it.add(.polygon([Point(0.06, 0.02), Point(-0.12, 0.1), Point(-0.04, -0.04)]), fin)
    return it
  }

  private static func house(_ random: inout ReproducibleRandom) -> Figure {
    var it = Figure()
    it.tilt = 0.04
    let wall = Material(
      random.color([white, sand, brown, gray, red * 0.8]), random.color([gray, brown, sand]),
      random.one(of: [.bricks, .bands, .columns, .plain, .mottled]), scale: random.uniform(6...9))
    let half = random.uniform(0.3...0.44)
    let eaves = random.uniform(-0.12 ... -0.02)
    let peak = random.uniform(-0.52 ... -0.38)
    let ridge = random.one(of: [0.0, 0.0, 0.18])
    it.add(.box(Point(half * 0.55, (eaves + peak) / 2 - 0.04), 0.05, 0.15, 0.005), Material(brown))
    it.add(.box(Point(0, (eaves + 0.4) / 2), half, (0.4 - eaves) / 2, 0.005), wall)
    it.add(
      .polygon([
        Point(-half - 0.08, eaves + 0.02), Point(-ridge, peak), Point(ridge, peak),
        Point(half + 0.08, eaves + 0.02),
      ]),
      Material(
        random.color([red * 0.85, Color(0.62, 0.28, 0.18), Color(0.32, 0.33, 0.40)]), black,
        .bricks,
        scale: 7))
    let door = random.one(of: [-0.16, 0.0, 0.16])
    it.add(
      .box(Point(door, 0.28), 0.075, 0.13, 0.01), Material(random.color([green, brown, blue])))
    it.add(.ellipse(Point(door + 0.045, 0.29), 0.012, 0.012), Material(yellow))
    for x in [-half * 0.62, half * 0.62] where abs(x - door) > 0.15 {
      it.add(.box(Point(x, 0.12), 0.075, 0.08, 0.005), Material(white))
      it.add(
        .box(Point(x, 0.12), 0.06, 0.065, 0), Material(random.one(of: [glass * 0.7, yellow])))
      it.add(.box(Point(x, 0.12), 0.007, 0.07, 0), Material(white))
      it.add(.box(Point(x, 0.12), 0.07, 0.007, 0), Material(white))
    }
    return it
  }

  private static func plant(_ random: inout ReproducibleRandom) -> Figure {
    var it = Figure()
    let leaf = Material(random.color([green, Color(0.32, 0.52, 0.20)]), roughness: 0.3)
    let lean = random.uniform(-0.1...0.1)
    let blossoms =
      random.chance(0.5)
      ? [Point(lean, -0.36)] : [Point(lean - 0.17, -0.3), Point(lean + 0.17, -0.36)]
    let size = blossoms.count == 1 ? random.uniform(0.11...0.14) : random.uniform(0.085...0.105)
    for blossom in blossoms {
      it.add(.line(Point(0, 0.1), blossom, 0.02), leaf)
    }
    for side in [-1.0, 1.0] {
      let reach = random.uniform(0.24...0.36) * side
      let rise = random.uniform(-0.2 ... -0.02)
      it.add(
        .polygon([
          Point(0, 0.06), Point(reach * 0.5, rise - 0.07), Point(reach, rise),
          Point(reach * 0.6, rise + 0.09),
        ]), leaf)
      it.add(
        .polygon([
          Point(0, 0.1), Point(reach * 0.6, rise + 0.1), Point(reach * 1.1, rise + 0.2),
          Point(reach * 0.5, rise + 0.24),
        ]), leaf)
    }
    let petal = Material(
      random.color([yellow, orange, Color(0.85, 0.35, 0.55), white, red]), roughness: 0.12,
      shading: 0.25)
    for blossom in blossoms {
      // Eight directions, unit vectors by fractions alone.
      let diagonal = (0.5 as Double).squareRoot()
      for (x, y) in [
        (1, 0), (0, 1), (-1, 0), (0, -1), (diagonal, diagonal), (-diagonal, diagonal),
        (diagonal, -diagonal), (-diagonal, -diagonal),
      ] {
        let tip = Point(blossom.x + x * size, blossom.y + y * size)
        it.add(.line(blossom, tip, size * 0.36), petal)
      }
      it.add(
        .ellipse(blossom, size * 0.5, size * 0.5), Material(random.color([brown, yellow * 0.8])))
    }
    let pot = Material(
      random.color([Color(0.66, 0.34, 0.22), white, blue, gray, sand, green]),
      random.color([brown, white, gray, black]),
      random.one(of: [.bands, .mottled, .plain, .bricks]),
      scale: random.uniform(5...9))
    let brim = random.uniform(0.22...0.3)
    it.add(
      .polygon([
        Point(-brim, 0.1), Point(brim, 0.1), Point(brim * 0.72, 0.46), Point(-brim * 0.72, 0.46),
      ]), pot)
    it.add(.box(Point(0, 0.1), brim + 0.03, 0.04, 0.015), pot)
    return it
  }
}

/// Things of no class that stand in front of objects.
extension Figure {
  static func obstacle(_ random: inout ReproducibleRandom) -> Figure {
    var it = Figure()
    switch random.integer(below: 3) {
    case 0:
      let bark = Material(random.color([brown, gray]), black, .mottled, scale: 12)
      it.add(.line(Point(0, -1.5), Point(random.uniform(-0.05...0.05), 0.5), 0.07), bark)
    case 1:
      let leaves = Material(
        random.color([green * 0.8, Color(0.30, 0.36, 0.16)]), black, .mottled, scale: 12)
      for x in [-0.22, 0.0, 0.22] {
        let radius = random.uniform(0.15...0.24)
        it.add(.ellipse(Point(x, 0.3 - radius * 0.5), 0.2, radius), leaves)
      }
    default:
      let stone = Material(random.color([gray, sand * 0.8, brown]), black, .mottled, scale: 7)
      it.add(.ellipse(Point(0.12, 0.24), 0.26, 0.18), stone)
      it.add(.ellipse(Point(-0.14, 0.28), 0.2, 0.13), stone)
    }
    return it
  }
}
