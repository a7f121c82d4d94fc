import Contrast
import Foundation
import Tensor
import Testing

@Suite("Sampling")
struct SamplingTests {
  /// Pearson's statistic, and the value that chance exceeds once in a thousand times
  /// (Wilson and Hilferty's approximation).
  private func isPlausible(_ counts: [Int], shares: [Double]) -> Bool {
    let total = Double(counts.reduce(0, +))
    let statistic = zip(counts, shares).reduce(0.0) {
      let expected = $1.1 * total
      return $0 + (Double($1.0) - expected) * (Double($1.0) - expected) / expected
    }
    let freedom = Double(counts.count - 1)
    let cube = 1 - 2 / (9 * freedom) + 3.09 * (2 / (9 * freedom)).squareRoot()
    return statistic < freedom * cube * cube * cube
  }

  private var queries: Queries {
    Queries(foregroundOf: LabelMap([1, 1, 1, 0, 2, 2, 3, 255, 3, 3, 3, 3], shape: [1, 3, 4]))
  }

  @Test("bank draws are uniform")
  func uniform() {
    var generator = PhiloxGenerator(seed: 21)
    let draws = NegativeDraws.uniform(20_000, of: 50, for: queries, using: &generator)
    var counts = [Int](repeating: 0, count: 50)
    for row in draws.lists.indices { counts[Int(row)] += 1 }
    #expect(draws.lists.count == 200_000)
    #expect(isPlausible(counts, shares: Array(repeating: 1.0 / 50, count: 50)))
  }

  @Test("drawn classes follow the softmax over the graph, pixels are uniform in their class")
  func active() {
    let labels = LabelMap([1, 1, 1, 0, 2, 2, 3, 255, 3, 3, 3, 3], shape: [1, 3, 4])
    let prototypes = Prototypes(
      classes: [1, 2, 3], embeddings: Tensor([1, 0, 0.8, 0.6, -0.2, 1], shape: [3, 2]))
    var generator = PhiloxGenerator(seed: 22)
    let (draws, kept) = NegativeDraws.active(
      100_000, prototypes: prototypes, labels: labels, for: queries, temperature: 0.5,
      sampling: .perClass, using: &generator)
    #expect(kept == queries)
    let graph = prototypes.semanticGraph
    let regions = [[0, 1, 2], [4, 5], [6, 8, 9, 10, 11]]
    for c in 0..<3 {
      let others = (0..<3).filter { $0 != c }
      let weights = others.map { exp(Double(graph[c, $0]) / 0.5) }
      let row = draws.lists.indices[c * 100_000..<(c + 1) * 100_000]
      var counts: [Int] = []
      var shares: [Double] = []
      for (other, weight) in zip(others, weights) {
        for pixel in regions[other] {
          counts.append(row.count { $0 == Int32(pixel) })
          shares.append(weight / weights.reduce(0, +) / Double(regions[other].count))
        }
      }
      #expect(counts.reduce(0, +) == 100_000)
      #expect(isPlausible(counts, shares: shares))
    }
  }

  @Test("queries of a class share a draw only when asked to")
  func sharing() {
    var generator = PhiloxGenerator(seed: 23)
    let own = NegativeDraws.uniform(5, of: 9, for: queries, using: &generator)
    #expect(own.lists.shape == [10, 5])
    #expect(Set(own.listOfQuery).count == 10)
    let shared = NegativeDraws.uniform(
      5, of: 9, for: queries, sampling: .perClass, using: &generator)
    #expect(shared.lists.shape == [3, 5])
    #expect(shared.listOfQuery == [0, 0, 0, 1, 1, 2, 2, 2, 2, 2])
  }

  @Test("a class whose pixels all vanished is never drawn")
  func vanished() {
    // Class 2 has a prototype, of an earlier view, but no pixel here.
    let labels = LabelMap([1, 1, 3, 3], shape: [1, 2, 2])
    let prototypes = Prototypes(classes: [1, 2, 3], embeddings: .ones([3, 4]))
    var generator = PhiloxGenerator(seed: 24)
    let (draws, kept) = NegativeDraws.active(
      100, prototypes: prototypes, labels: labels, for: Queries(foregroundOf: labels),
      using: &generator)
    #expect(kept.classes == [1, 3])
    #expect(draws.lists.indices.prefix(200).allSatisfy { $0 == 2 || $0 == 3 })
  }
}
