/// A picture while it is painted, with the class and the object of each pixel.
struct Canvas {
  let height: Int
  let width: Int
  private var colors: [Color]
  private(set) var labels: [UInt8]
  private(set) var objects: [UInt8]

  /// A canvas filled by a function of the pixel's column and row.
  init(height: Int, width: Int, _ color: (Double, Double) -> Color) {
    self.height = height
    self.width = width
    colors = []
    colors.reserveCapacity(height * width)
    for y in 0..<height {
      for x in 0..<width { colors.append(color(Double(x) + 0.5, Double(y) + 0.5)) }
    }
    labels = [UInt8](repeating: 0, count: height * width)
    objects = labels
  }

  /// Darkens the ground under a figure's feet.
  mutating func addShadow(_ figure: Figure, at place: Placement) {
    let (low, high) = figure.bounds
    let foot = place.picturePoint(Point((low.x + high.x) / 2, high.y))
    let (a, b) = ((high.x - low.x) * 0.56 * place.scale, 0.07 * place.scale)
    forEachPixel(within: (foot.x - a, foot.y - b), (foot.x + a, foot.y + b)) { x, y in
      let (u, v) = ((x - foot.x) / a, (y - foot.y) / b)
      return 1 - 0.5 * (1 - step(u * u + v * v, 0.1, 1))
    }
  }

  private mutating func forEachPixel(
    within low: (Double, Double), _ high: (Double, Double), gain: (Double, Double) -> Double
  ) {
    for row in rows(low.1, high.1) {
      for column in columns(low.0, high.0) {
        colors[row * width + column] *= gain(Double(column) + 0.5, Double(row) + 0.5)
      }
    }
  }

  /// Paints a figure over what is there; a thing of no class has label and object 0.
  ///
  /// The result is the number of pixels that it covers.
  mutating func paint(
    _ figure: Figure, at place: Placement, label: UInt8, object: UInt8, noise: Noise
  ) -> Int {
    // What it covers: at half a pixel and more it is the figure, at a quarter and more a border.
    var coverage = [Double](repeating: 0, count: height * width)
    for part in figure.parts {
      let (low, high) = part.outline.bounds
      let corners = [
        low, Point(high.x, low.y), high, Point(low.x, high.y),
      ].map(place.picturePoint)
      let xs = corners.map(\.x)
      let ys = corners.map(\.y)
      let partHeight = high.y - low.y
      for row in rows((ys.min() ?? 0) - 1, (ys.max() ?? 0) + 1) {
        for column in columns((xs.min() ?? 0) - 1, (xs.max() ?? 0) + 1) {
          let p = place.figurePoint(Double(column) + 0.5, Double(row) + 0.5)
          let distance = part.outline.distance(p)
          let opacity = min(max(0.5 - distance * place.scale, 0), 1)
          guard opacity > 0 else { continue }
          let pixel = row * width + column
          let color = part.material.color(
            p, depth: -distance, height: (p.y - low.y) / partHeight, noise: noise)
          colors[pixel] = mix(colors[pixel], color, opacity)
          coverage[pixel] = max(coverage[pixel], opacity)
        }
      }
    }
    var count = 0
    for pixel in coverage.indices where coverage[pixel] > 0.25 {
      // The border of a thing of no class hides an object just as well.
      let isBorder = coverage[pixel] < 0.75 && (label != 0 || labels[pixel] != 0)
      labels[pixel] = isBorder ? 255 : label
      objects[pixel] = isBorder ? 255 : object
      if !isBorder { count += 1 }
    }
    return count
  }

  /// Softens the picture: each pixel with its neighbours, by `amount` in 0...1.
  mutating func blur(_ amount: Double) {
    for (stride, count, lines, lineStride) in [
      (1, width, height, width), (width, height, width, 1),
    ] {
      for line in 0..<lines {
        var before = colors[line * lineStride]
        for index in 0..<count {
          let pixel = line * lineStride + index * stride
          let here = colors[pixel]
          let after = index + 1 < count ? colors[pixel + stride] : here
          colors[pixel] = mix(here, (before + after) * 0.5, amount * 0.5)
          before = here
        }
      }
    }
  }

  /// Changes every pixel by a function of its column, row and colour.
  mutating func map(_ change: (Int, Int, Color) -> Color) {
    for row in 0..<height {
      for column in 0..<width {
        colors[row * width + column] = change(column, row, colors[row * width + column])
      }
    }
  }

  /// The picture in 8 bits.
  var image: Image {
    var pixels: [UInt8] = []
    pixels.reserveCapacity(colors.count * 3)
    for color in colors {
      let value = (color * 255).clamped(lowerBound: .zero, upperBound: Color(repeating: 255))
      for channel in 0..<3 { pixels.append(UInt8(value[channel] + 0.5)) }
    }
    return Image(pixels, height: height, width: width)
  }

  private func rows(_ low: Double, _ high: Double) -> Range<Int> { range(low, high, height) }

  private func columns(_ low: Double, _ high: Double) -> Range<Int> { range(low, high, width) }

  private func range(_ low: Double, _ high: Double, _ limit: Int) -> Range<Int> {
    let first = Int(min(max(low, 0), Double(limit)))
    return first..<max(first, Int(min(max(high + 1, 0), Double(limit))))
  }
}
