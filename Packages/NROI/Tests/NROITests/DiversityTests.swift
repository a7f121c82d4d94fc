import NROI
import Tensor
import TensorTestSupport
import Testing

@Suite("Diversity")
struct DiversityTests {
  @Test("equals numpy, on the groups of scikit-learn", arguments: ["mixture", "digits"])
  func golden(data: String) throws {
    let golden = try GoldenFile("clustering", in: .module)[data]
    var generator = PhiloxGenerator(seed: 0)
    let found = try Diversity(
      of: golden["rows"], clustering: Agglomerative(clusters: 6), using: &generator)
    let values = [
      found.withinDistance, found.betweenDistance, found.effectiveRank, found.nearDuplicates,
    ]
    for (value, expected) in zip(values, golden["diversity"].scalars) {
      #expect(abs(value - Double(expected)) <= 1e-4 * Double(expected))
    }
    #expect(found.rows == golden["rows"].shape[0])
  }

  @Test("equal rows are one thing")
  func collapsed() throws {
    var generator = PhiloxGenerator(seed: 0)
    let found = try Diversity(of: Tensor(repeating: 3, shape: [20, 4]), using: &generator)
    #expect(found.withinDistance == 0 && found.betweenDistance == 0 && found.effectiveRank == 0)
    #expect(found.nearDuplicates == 1)
  }

  @Test("orthogonal rows of equal length spread over one direction fewer than they are")
  func orthogonal() throws {
    var rows = Tensor.zeros([6, 9])
    for row in 0..<6 { rows[row, row] = 2 }
    var generator = PhiloxGenerator(seed: 0)
    let found = try Diversity(of: rows, clustering: SingleMean(), using: &generator)
    #expect(abs(found.effectiveRank - 5) < 1e-9)
    #expect(found.nearDuplicates == 0)
    #expect(found.betweenDistance == 0)
  }

  @Test("zero rows duplicate nothing, a single row has no spread")
  func edges() throws {
    var generator = PhiloxGenerator(seed: 0)
    #expect(try Diversity(of: .zeros([5, 3]), using: &generator).nearDuplicates == 0)
    let single = try Diversity(of: Tensor([1, 2], shape: [1, 2]), using: &generator)
    #expect(single.rows == 1 && single.effectiveRank == 0 && single.nearDuplicates == 0)
  }

  @Test("a bank is measured on its filled rows, many of them by a sample")
  func bank() throws {
    var generator = PhiloxGenerator(seed: 2)
    var bank = MemoryBank(capacity: 3000, dimension: 6)
    #expect(try bank.diversity(using: &generator) == nil)
    bank.push(generator.normal(shape: [2000, 6]))
    let whole = try #require(try bank.diversity(using: &generator))
    #expect(whole.rows == 2000)
    let sampled = try #require(try bank.diversity(sample: 1000, using: &generator))
    #expect(sampled.rows == 1000)
    #expect(abs(whole.effectiveRank - 6) < 0.1 && abs(sampled.effectiveRank - 6) < 0.1)
  }

  @Test("a value that is not finite is an error")
  func notFinite() {
    var rows = Tensor.zeros([3, 2])
    rows[2, 0] = .nan
    var generator = PhiloxGenerator(seed: 0)
    let error = #expect(throws: ClusteringError.self) {
      try Diversity(of: rows, using: &generator)
    }
    #expect(error?.description == "clustering: row 2 has a value that is NaN or infinite")
  }
}
