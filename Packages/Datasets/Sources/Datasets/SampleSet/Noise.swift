/// Red, green and blue, each 0...1.
typealias Color = SIMD3<Double>

/// Smooth noise over the plane.
///
/// Like everything that the sample set is drawn with, it uses integers and the operations of
/// Double that IEEE 754 fixes to the bit (+, -, *, / and the square root), never libm.
struct Noise {
  let key: UInt32

  /// A number in 0..<1 for each point of the grid.
  func lattice(_ x: Int, _ y: Int) -> Double {
    var hash = key ^ UInt32(truncatingIfNeeded: x) &* 0x9e37_79b1
    hash = (hash ^ hash >> 15) &* 0x85eb_ca6b
    hash ^= UInt32(truncatingIfNeeded: y) &* 0xc2b2_ae35
    hash = (hash ^ hash >> 13) &* 0x27d4_eb2f
    hash = (hash ^ hash >> 16) &* 0x1656_67b1
    return Double((hash ^ hash >> 15) >> 8) * 0x1p-24
  }

  /// The grid's numbers, smoothly interpolated.
  func value(_ x: Double, _ y: Double) -> Double {
    let (left, top) = (x.rounded(.down), y.rounded(.down))
    let (column, row) = (Int(left), Int(top))
    let (u, v) = (smooth(x - left), smooth(y - top))
    let upper = mix(lattice(column, row), lattice(column + 1, row), u)
    let lower = mix(lattice(column, row + 1), lattice(column + 1, row + 1), u)
    return mix(upper, lower, v)
  }

  /// Noise of several sizes, each half as large and half as strong as the one before; in 0..<1.
  func fractal(_ x: Double, _ y: Double, octaves: Int = 3) -> Double {
    var (sum, weight, scale, total) = (0.0, 1.0, 1.0, 0.0)
    for octave in 0..<octaves {
      let offset = Double(octave) * 37.5
      sum += weight * value(x * scale + offset, y * scale + offset)
      total += weight
      weight *= 0.5
      scale *= 2
    }
    return sum / total
  }
}

/// 0 below `low`, 1 above `high`, smooth between.
func step(_ value: Double, _ low: Double, _ high: Double) -> Double {
  smooth(min(max((value - low) / (high - low), 0), 1))
}

func smooth(_ t: Double) -> Double { t * t * (3 - 2 * t) }

func mix(_ a: Double, _ b: Double, _ t: Double) -> Double { a + (b - a) * t }

func mix(_ a: Color, _ b: Color, _ t: Double) -> Color { a + (b - a) * t }

/// What is left of a number after whole ones are taken away, 0..<1.
func fraction(_ value: Double) -> Double { value - value.rounded(.down) }
