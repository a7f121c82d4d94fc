internal import Tensor

/// Draws one scene: which classes, over which grounds, how they stand and how the light falls.
struct SceneComposer {
  /// What a scene may show.
  enum Role {
    /// Seven in ten scenes with their objects in the usual places.
    case training
    /// All objects in their usual places.
    case usual
    /// No object in its usual place.
    case broken
  }

  /// A stretch of ground, and the classes of the objects on it.
  private struct Region {
    var backdrop: Backdrop
    var labels: [Int]
  }

  private var random: ReproducibleRandom
  private let role: Role
  private let height: Int
  private let width: Int
  private let size: Double
  private var regions: [Region] = []
  private var isUsual = true
  /// Whether regions lie beside one another, not above.
  private let isSideBySide: Bool

  private init(seed: UInt64, stream: UInt64, role: Role, mainLabel: Int, size: Int) {
    random = ReproducibleRandom(seed: seed, stream: stream)
    self.role = role
    self.size = Double(size)
    let short = Int(Double(size) * random.one(of: [1, 0.875, 0.75, 0.75]))
    let isTall = random.chance(0.3)
    height = isTall ? size : short
    width = isTall ? short : size
    isSideBySide = random.chance(isTall ? 0.15 : 0.65)
    regions = composition(mainLabel)
  }

  /// Draws the scene with a number of a set, its longer side `size`; class `mainLabel` is in it.
  static func scene(
    seed: UInt64, index: Int, role: Role, mainLabel: Int, size: Int
  ) -> SampleScene {
    // Drawn again where an object came out hidden; one in a few is.
    for attempt in 0..<200 {
      var composer = SceneComposer(
        seed: seed, stream: UInt64(index) << 8 | UInt64(attempt), role: role,
        mainLabel: mainLabel, size: size)
      if let scene = composer.draw(id: index + 1) { return scene }
    }
    fatalError("SampleSet: scene \(index) of seed \(seed) hides an object in 200 drawings")
  }

  // MARK: What is in it

  private mutating func composition(_ main: Int) -> [Region] {
    let classes = Figure.classes.count
    let others = random.distinct(from: classes, but: main, count: 2)
    var groups: [[Int]]
    switch random.unit() {
    case ..<0.58: groups = [Array(repeating: main, count: random.one(of: [1, 1, 1, 2, 2, 3]))]
    case ..<0.80: groups = [[main], [others[0]]]
    case ..<0.88: groups = [[main, main], [others[0]]]
    case ..<0.92: groups = [[main], [others[0]], [others[1]]]
    // The ground of a class that is not there.
    default: groups = [[main], []]
    }
    if random.chance(0.5) { groups.reverse() }
    let isBroken = role == .broken || (role == .training && random.chance(0.3))
    isUsual = !isBroken
    let present = Set(groups.flatMap(\.self))
    let foreign = (1...classes).filter { !present.contains($0) }
    var regions: [Region] = []
    for labels in groups {
      let kind: Backdrop.Kind =
        if let label = labels.first, !isBroken {
          Figure.classes[label - 1].backdrop
        } else if labels.isEmpty && random.chance(0.35) || isBroken && random.chance(0.15) {
          random.one(of: [.forest, .plaster])
        } else {
          Figure.classes[random.one(of: foreign) - 1].backdrop
        }
      regions.append(Region(backdrop: Backdrop(kind, &random), labels: labels))
    }
    // The sky is above.
    if !isSideBySide, let sky = regions.firstIndex(where: { $0.backdrop.kind == .sky }) {
      regions.insert(regions.remove(at: sky), at: 0)
    }
    return regions
  }

  // MARK: How it looks

  private mutating func draw(id: Int) -> SampleScene? {
    var canvas = ground()
    var objectLabels: [Int] = []
    var painted: [Int] = []
    var obstacle: (figure: Figure, place: Placement)?
    for slot in slots() {
      let figure = Figure.specimen(slot.label, &random)
      let place = placement(of: figure, in: slot)
      if figure.hasShadow { canvas.addShadow(figure, at: place) }
      objectLabels.append(slot.label)
      painted.append(
        canvas.paint(
          figure, at: place, label: UInt8(slot.label), object: UInt8(objectLabels.count),
          noise: random.noise()))
      if obstacle == nil && random.chance(0.2) {
        let (low, high) = figure.bounds
        let figure = Figure.obstacle(&random)
        let foot = place.picturePoint(
          Point(random.uniform(low.x * 0.9...high.x * 0.9), high.y * 0.75))
        let scale = place.scale * random.uniform(0.45...0.8)
        obstacle = (
          figure,
          Placement(
            center: Point(foot.x, foot.y), scale: scale, turn: 0, isMirrored: random.chance(0.5))
        )
      }
    }
    if let obstacle {
      canvas.addShadow(obstacle.figure, at: obstacle.place)
      _ = canvas.paint(
        obstacle.figure, at: obstacle.place, label: 0, object: 0, noise: random.noise())
    }
    guard isVisible(canvas, painted) else { return nil }
    light(&canvas)
    let shape: Shape = [height, width]
    let digits = String(id)
    return SampleScene(
      id: "s" + String(repeating: "0", count: max(6 - digits.count, 0)) + digits,
      image: canvas.image, mask: LabelMap(canvas.labels, shape: shape),
      objectMask: LabelMap(canvas.objects, shape: shape), objectLabels: objectLabels,
      isUsual: isUsual)
  }

  /// Whether of each object half of what it covered and one part in 120 of the picture is seen.
  private func isVisible(_ canvas: Canvas, _ painted: [Int]) -> Bool {
    var counts = [Int](repeating: 0, count: 256)
    for object in canvas.objects { counts[Int(object)] += 1 }
    return painted.enumerated().allSatisfy { index, count in
      counts[index + 1] * 2 >= count && counts[index + 1] * 120 >= height * width
    }
  }

  /// The grounds of all regions, with wavy borders.
  private mutating func ground() -> Canvas {
    let noise = random.noise()
    let regions = regions
    let edges = (1..<max(regions.count, 2)).map { index in
      Double(index) / Double(regions.count) + random.uniform(-0.05...0.05)
    }
    let (size, isSideBySide) = (size, isSideBySide)
    let length = Double(isSideBySide ? width : height)
    return Canvas(height: height, width: width) { x, y in
      let p = Point(x / size, y / size)
      guard regions.count > 1 else { return regions[0].backdrop.color(p) }
      let along = (isSideBySide ? x : y) / length + 0.09 * (noise.fractal(p.x * 5, p.y * 5) - 0.5)
      var color = regions[0].backdrop.color(p)
      for (edge, region) in zip(edges, regions.dropFirst()) {
        let amount = step(along, edge - 0.012, edge + 0.012)
        if amount > 0 { color = mix(color, region.backdrop.color(p), amount) }
      }
      return color
    }
  }

  private struct Slot {
    var low: Point
    var high: Point
    var label: Int
  }

  /// A part of its region for each object, from back to front.
  private mutating func slots() -> [Slot] {
    var slots: [Slot] = []
    for (index, region) in regions.enumerated() where !region.labels.isEmpty {
      var (low, high) = (Point(0, 0), Point(Double(width), Double(height)))
      let (start, end) = (
        Double(index) / Double(regions.count), Double(index + 1) / Double(regions.count)
      )
      if isSideBySide {
        (low.x, high.x) = (start * Double(width), end * Double(width))
      } else {
        (low.y, high.y) = (start * Double(height), end * Double(height))
      }
      let count = Double(region.labels.count)
      let isWide = high.x - low.x > (high.y - low.y) * random.uniform(0.6...1.6)
      for (position, label) in region.labels.enumerated() {
        var slot = Slot(low: low, high: high, label: label)
        let (first, last) = (Double(position) / count, Double(position + 1) / count)
        if isWide {
          slot.low.x = mix(low.x, high.x, first)
          slot.high.x = mix(low.x, high.x, last)
        } else {
          slot.low.y = mix(low.y, high.y, first)
          slot.high.y = mix(low.y, high.y, last)
        }
        slots.append(slot)
      }
    }
    return slots
  }

  private mutating func placement(of figure: Figure, in slot: Slot) -> Placement {
    let (low, high) = figure.bounds
    let (w, h) = (slot.high.x - slot.low.x, slot.high.y - slot.low.y)
    let isAlone = regions.count == 1 && regions[0].labels.count == 1
    let fit = min(w / (high.x - low.x), h / (high.y - low.y))
    let scale = fit * random.uniform(isAlone ? 0.5...1.12 : 0.72...1.15)
    let turn = random.uniform(-figure.tilt...figure.tilt)
    let isMirrored = random.chance(0.5)
    let free = isAlone ? 0.16 : 0.08
    let target = Point(
      (slot.low.x + slot.high.x) / 2 + w * random.uniform(-free...free),
      (slot.low.y + slot.high.y) / 2 + h * random.uniform(-free...free))
    let middle = Point((low.x + high.x) / 2, (low.y + high.y) / 2)
    let probe = Placement(
      center: Point(0, 0), scale: scale, turn: turn, isMirrored: isMirrored
    ).picturePoint(middle)
    return Placement(
      center: Point(target.x - probe.x, target.y - probe.y), scale: scale, turn: turn,
      isMirrored: isMirrored)
  }

  /// Exposure, colour cast, a slope of light, softness and the sensor's noise.
  private mutating func light(_ canvas: inout Canvas) {
    let gain = random.uniform(0.72...1.16)
    let cast = Color(
      random.uniform(0.93...1.07), random.uniform(0.96...1.04), random.uniform(0.92...1.08))
    let (slopeX, slopeY) = (random.uniform(-0.22...0.22), random.uniform(-0.22...0.22))
    let gray = Color(repeating: 0.45)
    let contrast = random.uniform(0.82...1.1)
    let grain = random.uniform(0.02...0.06)
    let (shade, shadeNoise) = (random.uniform(0...0.22), random.noise())
    let noise = random.noise()
    canvas.blur(random.uniform(0.2...0.9))
    let (w, h, size) = (Double(width), Double(height), size)
    canvas.map { column, row, color in
      let (x, y) = (Double(column), Double(row))
      let patch = 1 - shade * shadeNoise.fractal(x / size * 2.2, y / size * 2.2)
      let light = gain * patch * (1 + slopeX * (x / w - 0.5) + slopeY * (y / h - 0.5))
      let lit = gray + (color * cast * light - gray) * contrast
      let gray = noise.lattice(column, row) + noise.lattice(column, row + 10_000) - 1
      let tint = Color(
        noise.lattice(column + 10_000, row), noise.lattice(column + 20_000, row),
        noise.lattice(column + 30_000, row))
      return lit + grain * (gray + (tint - 0.5))
    }
  }
}

extension ReproducibleRandom {
  /// Different labels of 1...`limit` other than `excluded`.
  fileprivate mutating func distinct(from limit: Int, but excluded: Int, count: Int) -> [Int] {
    var left = (1...limit).filter { $0 != excluded }
    return (0..<count).map { _ in left.remove(at: integer(below: left.count)) }
  }
}
