import NROI
import Tensor
import TensorTestSupport
import Testing

@Suite("Clustering alternatives")
struct AlternativesTests {
  /// Two groupings are the same when their group numbers correspond one to one.
  private func same(_ found: IndexTensor, _ expected: Tensor) -> Bool {
    var forward: [Int32: Float] = [:]
    var backward: [Float: Int32] = [:]
    for (a, b) in zip(found.indices, expected.scalars) {
      if (a == Clusters.noise) != (b == -1) { return false }
      if forward[a, default: b] != b || backward[b, default: a] != a { return false }
      forward[a] = b
      backward[b] = a
    }
    return found.count == expected.count
  }

  @Test(
    "agglomerative groups equal scikit-learn's", arguments: ["mixture", "digits"],
    [Agglomerative.Linkage.ward, .average])
  func agglomerative(data: String, linkage: Agglomerative.Linkage) throws {
    let golden = try GoldenFile("clustering", in: .module)[data]
    var generator = PhiloxGenerator(seed: 0)
    let found = try Agglomerative(clusters: 6, linkage: linkage)
      .cluster(golden["rows"], using: &generator)
    #expect(same(found.assignments, golden["\(linkage)"]))
    #expect(found.centroids.shape == [6, golden["rows"].shape[1]])
  }

  @Test("density groups equal scikit-learn's", arguments: ["mixture", "digits"])
  func dbscan(data: String) throws {
    let golden = try GoldenFile("clustering", in: .module)[data]
    var generator = PhiloxGenerator(seed: 0)
    let found = try DBSCAN(
      radius: Float(golden.number("radius")), minimumNeighbors: golden.integer("neighbors")
    ).cluster(golden["rows"], using: &generator)
    #expect(same(found.assignments, golden["dbscan"]))
  }

  @Test("rows that are all noise give their mean")
  func allNoise() throws {
    var generator = PhiloxGenerator(seed: 0)
    let rows = Tensor([0, 0, 10, 0, 20, 30], shape: [3, 2])
    let found = try DBSCAN(radius: 1).cluster(rows, using: &generator)
    #expect(found.assignments.indices == [-1, -1, -1])
    #expect(found.centroids == Tensor([10, 10], shape: [1, 2]))
  }

  @Test("random rows are rows, drawn without repetition and uniformly")
  func randomRows() throws {
    let rows = Tensor((0..<10).map(Float.init), shape: [10, 1])
    var counts = [Int](repeating: 0, count: 10)
    var generator = PhiloxGenerator(seed: 6)
    for _ in 0..<10_000 {
      let found = try RandomRows(count: 3).cluster(rows, using: &generator)
      #expect(Set(found.centroids.scalars).count == 3)
      for row in found.centroids.scalars { counts[Int(row)] += 1 }
    }
    // Chi-square of ten cells: 27.9 is exceeded by chance once in a thousand times.
    let chiSquare = counts.reduce(0.0) { $0 + (Double($1) - 3000) * (Double($1) - 3000) / 3000 }
    #expect(chiSquare < 27.9)
  }

  @Test("the single mean is the mean")
  func singleMean() throws {
    var generator = PhiloxGenerator(seed: 0)
    let found = try SingleMean().cluster(
      Tensor([1, 2, 3, 4, 5, 9], shape: [3, 2]), using: &generator)
    #expect(found.centroids == Tensor([3, 5], shape: [1, 2]))
    #expect(abs(found.inertia - (8 + 26)) < 1e-9)
  }
}
