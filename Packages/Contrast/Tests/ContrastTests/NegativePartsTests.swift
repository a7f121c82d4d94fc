import Autograd
import Contrast
import Foundation
import Tensor
import TensorTestSupport
import Testing

/// Many draws from a bank that is larger than a processor's cache, which are met part by part.
@Suite("Contrast with a large bank")
struct NegativePartsTests {
  /// The loss and its gradient, as defined, in Double.
  static func reference(
    _ query: ArraySlice<Double>, _ positive: [Double], _ negatives: [ArraySlice<Double>],
    _ tau: Double
  ) -> (loss: Double, gradient: [Double]) {
    func dot(_ a: some Sequence<Double>, _ b: some Sequence<Double>) -> Double {
      zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let length = dot(query, query).squareRoot()
    let keys = [positive[...]] + negatives
    let lengths = keys.map { dot($0, $0).squareRoot() }
    let cosines = zip(keys, lengths).map { dot(query, $0) / (length * $1) }
    let powers = cosines.map { exp($0 / tau) }
    let total = powers.reduce(0, +)
    var gradient = [Double](repeating: 0, count: query.count)
    for (k, key) in keys.enumerated() {
      let weight = (powers[k] / total - (k == 0 ? 1 : 0)) / (tau * length)
      for (d, (n, q)) in zip(key, query).enumerated() {
        gradient[d] += weight * (n / lengths[k] - cosines[k] * q / length)
      }
    }
    return (-log(powers[0] / total), gradient)
  }

  @Test(
    "value and gradient are the definition's, and the same bits on any number of threads",
    arguments: [(128, 40_000, 320), (33, 70_000, 640)], [Float(0.5), 0.02])
  func parts(_ sizes: (depth: Int, rows: Int, queries: Int), _ temperature: Float) throws {
    let (depth, count) = (sizes.depth, 251)
    var generator = PhiloxGenerator(seed: 5)
    let bank = generator.normal(shape: [sizes.rows, depth])
    let features = generator.normal(shape: [sizes.queries, depth])
    let prototypes = Prototypes(classes: [1, 2], embeddings: generator.normal(shape: [2, depth]))
    let queries = Queries(
      pixels: (0..<Int32(sizes.queries)).map { $0 },
      classes: (0..<sizes.queries).map { $0 < 100 ? 1 : 2 })
    let draws = NegativeDraws.uniform(count, of: sizes.rows, for: queries, using: &generator)
    func run() throws -> (Float, Tensor) {
      let variable = Variable(features, requiresGradient: true)
      let loss = infoNCE(
        variable, queries: queries, prototypes: prototypes, negatives: bank, draws: draws,
        temperature: temperature)
      loss.backward()
      return (loss.value.scalar, try #require(variable.gradient))
    }
    let (loss, gradient) = try run()
    let alone = try Threads.serially { try run() }
    #expect(alone.0 == loss && alone.1 == gradient)

    let (rows, own) = (bank.scalars.map(Double.init), features.scalars.map(Double.init))
    let positives = prototypes.embeddings.scalars.map(Double.init)
    var expected = 0.0
    var slopes: [Float] = []
    for query in 0..<sizes.queries {
      let c = query < 100 ? 0 : 1
      let weight = 1 / Double(2 * (c == 0 ? 100 : sizes.queries - 100))
      let drawn = draws.lists.indices[query * count..<(query + 1) * count].map {
        rows[Int($0) * depth..<(Int($0) + 1) * depth]
      }
      let (value, slope) = Self.reference(
        own[query * depth..<(query + 1) * depth], Array(positives[c * depth..<(c + 1) * depth]),
        drawn, Double(temperature))
      expected += weight * value
      slopes += slope.map { Float(weight * $0) }
    }
    #expect(abs(Double(loss) - expected) < 1e-5 * expected)
    let wanted = Tensor(slopes, shape: gradient.shape)
    let largest = slopes.map(abs).max() ?? 0
    #expect(difference(from: wanted, gradient, relative: 1e-4, absolute: 1e-5 * largest) == nil)
  }
}
