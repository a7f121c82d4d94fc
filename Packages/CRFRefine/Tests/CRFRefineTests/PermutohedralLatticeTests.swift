import CRFRefine
import Foundation
import Tensor
import TensorTestSupport
import Testing

@Suite("Permutohedral lattice")
struct PermutohedralLatticeTests {
  /// The exact Gaussian mean of each point: `sum_q w_pq v_q / sum_q w_pq`, in Double.
  static func exactMeans(_ features: Tensor, _ values: Tensor) -> [Double] {
    let (count, dimension) = (features.shape[0], features.shape[1])
    let (f, v) = (features.scalars.map(Double.init), values.scalars.map(Double.init))
    return (0..<count).map { p in
      var (sum, weights) = (0.0, 0.0)
      for q in 0..<count {
        var distance = 0.0
        for i in 0..<dimension {
          let step = f[p * dimension + i] - f[q * dimension + i]
          distance += step * step
        }
        let weight = exp(-distance / 2)
        sum += weight * v[q]
        weights += weight
      }
      return sum / weights
    }
  }

  // The bounds are what the documentation states.
  @Test(
    "means are near the exact Gaussian's",
    arguments: [(1, 0.015), (2, 0.017), (3, 0.02), (4, 0.022), (5, 0.026), (6, 0.033)])
  func bruteForce(_ dimension: Int, _ bound: Double) throws {
    var generator = PhiloxGenerator(seed: 5)
    let count = 1500
    let features = generator.normal(shape: [count, dimension])
    let values = Tensor(
      (0..<count).map { features[$0, 0] > 0 ? 1 : Float(0) }, shape: [count, 1])
    let lattice = try PermutohedralLattice(features: features)
    let sums = lattice.filtered(values).scalars
    let weights = lattice.filtered(.ones([count, 1])).scalars
    let exact = Self.exactMeans(features, values)
    let errors = (0..<count).map { Double(sums[$0] / weights[$0]) - exact[$0] }
    let rms = (errors.reduce(0) { $0 + $1 * $1 } / Double(count)).squareRoot()
    #expect(rms < bound)
  }

  @Test("means over a picture's positions and colours are near the exact ones")
  func picture() throws {
    // A bright square on a dark ground, shaded and noisy; position over 10 pixels, colour over 13.
    let side = 40
    var generator = PhiloxGenerator(seed: 11)
    let noise = generator.normal(shape: [side * side, 3], standardDeviation: 6).scalars
    var (features, labels): ([Float], [Float]) = ([], [])
    for pixel in 0..<side * side {
      let (row, column) = (pixel / side, pixel % side)
      let isInside = (10..<30).contains(row) && (12..<28).contains(column)
      features += [Float(column) / 10, Float(row) / 10]
      for channel in 0..<3 {
        let shade = Float(row) + noise[pixel * 3 + channel]
        features.append(((isInside ? [190, 60, 50] : [40, 120, 60])[channel] + shade) / 13)
      }
      // Labels that miss the square by three pixels.
      labels.append((10..<30).contains(row) && (15..<31).contains(column) ? 1 : 0)
    }
    let points = Tensor(features, shape: [side * side, 5])
    let values = Tensor(labels, shape: [side * side, 1])
    let lattice = try PermutohedralLattice(features: points)
    let sums = lattice.filtered(values).scalars
    let weights = lattice.filtered(.ones([side * side, 1])).scalars
    let exact = Self.exactMeans(points, values)
    let errors = exact.indices.map { Double(sums[$0] / weights[$0]) - exact[$0] }
    let rms = (errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)).squareRoot()
    print("LATTICE picture", rms, errors.map(abs).max() ?? 0)
    #expect(rms < 0.008)
  }

  // The lattice's scale, `1 / (1 + 2^-d)` as pydensecrf has it, is right to an eighth in the plane.
  @Test("sums on a dense grid are near the Gaussian's integral")
  func scale() throws {
    // 20 points a deviation: the sum over all is 2 pi 20^2 in the middle.
    let places: [[Float]] = (0..<160 * 160).map { pixel in
      [Float(pixel / 160) / 20, Float(pixel % 160) / 20]
    }
    let features = Tensor(places.flatMap(\.self), shape: [160 * 160, 2])
    let lattice = try PermutohedralLattice(features: features)
    let middle = lattice.filtered(.ones([160 * 160, 1])).scalars[80 * 160 + 80]
    #expect(abs(Double(middle) / (2 * Double.pi * 400) - 1) < 0.125)
  }

  @Test("the reversed filter is the adjoint", arguments: [1, 2, 5])
  func adjoint(_ dimension: Int) throws {
    var generator = PhiloxGenerator(seed: 7)
    let lattice = try PermutohedralLattice(
      features: generator.normal(shape: [333, dimension]))
    let a = generator.normal(shape: [333, 3])
    let b = generator.normal(shape: [333, 3])
    func dot(_ x: Tensor, _ y: Tensor) -> Double {
      zip(x.scalars, y.scalars).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let left = dot(a, lattice.filtered(b))
    let right = dot(lattice.filtered(a, reversed: true), b)
    #expect(abs(left - right) < 1e-4 * max(1, abs(left)))
  }

  @Test("columns do not know of each other", arguments: [1, 2, 3, 5, 8, 13, 17, 20, 31, 33, 81])
  func columns(_ columns: Int) throws {
    var generator = PhiloxGenerator(seed: 9)
    let lattice = try PermutohedralLattice(features: generator.normal(shape: [1100, 3]))
    let values = generator.normal(shape: [1100, columns])
    let all = lattice.filtered(values)
    for column in Set([0, columns / 2, columns - 1]) {
      let alone = lattice.filtered(values.sliced(column..<column + 1, axis: 1))
      let together = all.sliced(column..<column + 1, axis: 1)
      #expect(difference(from: alone, together, relative: 1e-6) == nil)
    }
  }

  @Test("bad features are named")
  func errors() {
    func message(_ features: Tensor) -> String {
      do throws(CRFRefineError) {
        _ = try PermutohedralLattice(features: features)
        return ""
      } catch { return error.description }
    }
    #expect(message(.ones([3])) == "lattice: features [3], expected [N, d] with N at least 1")
    #expect(
      message(.ones([0, 2])) == "lattice: features [0, 2], expected [N, d] with N at least 1")
    #expect(message(.ones([4, 7])) == "lattice: 7 features a point, expected 1...6")
    #expect(
      message(Tensor([0, .nan], shape: [2, 1])) == "lattice: a feature of point 1 is not finite")
    #expect(message(Tensor([-1e9, 1e9], shape: [2, 1])).hasSuffix("spread over too many cells"))
  }
}
