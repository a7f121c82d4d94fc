import NROI
import Tensor
import TensorTestSupport
import Testing

@Suite("KMeans")
struct KMeansTests {
  @Test(
    "the median inertia of single runs is within half a percent of scikit-learn's",
    arguments: ["mixture", "digits"], [4, 6, 8, 16])
  func inertia(data: String, clusters: Int) throws {
    let golden = try GoldenFile("clustering", in: .module)[data]
    let expected = golden["inertia\(clusters)"]
    let found = try (0..<50).map { seed in
      var generator = PhiloxGenerator(seed: UInt64(seed))
      return try KMeans(clusters: clusters).cluster(golden["rows"], using: &generator).inertia
    }.sorted()
    #expect((found[24] + found[25]) / 2 <= Double(expected[0]) * 1.005)
    #expect(found[0] >= Double(expected[1]) * 0.98)
  }

  @Test("restarts reach the best of scikit-learn's fifty runs within half a percent")
  func restarts() throws {
    let golden = try GoldenFile("clustering", in: .module)["mixture"]
    var generator = PhiloxGenerator(seed: 3)
    let found = try KMeans(clusters: 8, restarts: 20).cluster(golden["rows"], using: &generator)
    #expect(found.inertia <= Double(golden["inertia8"][1]) * 1.005)
  }

  @Test("centroids are the means of their rows, and the inertia is theirs")
  func consistency() throws {
    let rows = try GoldenFile("clustering", in: .module)["digits"]["rows"]
    var generator = PhiloxGenerator(seed: 1)
    let found = try KMeans(clusters: 7, tolerance: 0).cluster(rows, using: &generator)
    #expect(found.sizes.reduce(0, +) == rows.shape[0])
    #expect(found.sizes.allSatisfy { $0 > 0 })
    var inertia = 0.0
    for cluster in 0..<7 {
      let members = found.assignments.indices.indices.filter {
        found.assignments.indices[$0] == Int32(cluster)
      }
      for d in 0..<rows.shape[1] {
        let mean = members.reduce(0.0) { $0 + Double(rows[$1, d]) } / Double(members.count)
        #expect(abs(mean - Double(found.centroids[cluster, d])) < 1e-4)
        inertia += members.reduce(0.0) {
          let difference = Double(rows[$1, d]) - mean
          return $0 + difference * difference
        }
      }
    }
    #expect(abs(inertia - found.inertia) < 1e-4 * inertia)
  }

  @Test("the same seed gives the same bits on one and two threads", arguments: [1, 3])
  func deterministic(restarts: Int) throws {
    var noise = PhiloxGenerator(seed: 5)
    let rows = noise.normal(shape: [5000, 17])
    let before = Threads.count
    defer { Threads.count = before }
    let found = try [1, 2].map { threads in
      Threads.count = threads
      var generator = PhiloxGenerator(seed: 9)
      return try KMeans(clusters: 8, maximumIterations: 20, restarts: restarts)
        .cluster(rows, using: &generator)
    }
    #expect(found[0].centroids == found[1].centroids)
    #expect(found[0].assignments == found[1].assignments)
  }

  @Test("cosine groups by direction and returns directions")
  func cosine() throws {
    let directions: [[Float]] = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    var scalars: [Float] = []
    for row in 0..<30 {
      for value in directions[row % 3] { scalars.append(value * Float(1 + row) + 0.01) }
    }
    let rows = Tensor(scalars, shape: [30, 3])
    var generator = PhiloxGenerator(seed: 2)
    let found = try KMeans(clusters: 3, distance: .cosine).cluster(rows, using: &generator)
    #expect(found.sizes == [10, 10, 10])
    for cluster in 0..<3 {
      var square: Float = 0
      for d in 0..<3 { square += found.centroids[cluster, d] * found.centroids[cluster, d] }
      #expect(abs(square - 1) < 1e-5)
    }
  }

  @Test("the rows nearest to a centroid, nearest first, ties in order")
  func nearestRows() {
    let clusters = Clusters(
      centroids: Tensor([0, 0, 10, 0], shape: [2, 2]), assignments: IndexTensor([0, 0, 1, 1, 0]),
      inertia: 0, iterations: 1)
    let rows = Tensor([3, 0, 1, 0, 9, 0, 12, 0, 0, 1], shape: [5, 2])
    #expect(clusters.nearestRows(in: rows, count: 3) == [[1, 4, 0], [2, 3, 0]])
    #expect(clusters.nearestRows(in: rows, count: 9).allSatisfy { $0.count == 5 })
  }

  @Test("no cluster stays empty, even with many equal rows")
  func emptyClusters() throws {
    var scalars = [Float](repeating: 1, count: 40)
    scalars += [0, 0, 5, 5, 9, 9]
    let rows = Tensor(scalars, shape: [23, 2])
    for seed in 0..<20 {
      var generator = PhiloxGenerator(seed: UInt64(seed))
      let found = try KMeans(clusters: 4).cluster(rows, using: &generator)
      #expect(found.sizes.allSatisfy { $0 > 0 })
      #expect(found.inertia < 1e-6)
    }
  }

  @Test("all rows equal: as many clusters as asked for, at the same place")
  func equalRows() throws {
    var generator = PhiloxGenerator(seed: 0)
    let found = try KMeans(clusters: 3)
      .cluster(Tensor(repeating: 2, shape: [10, 4]), using: &generator)
    #expect(found.inertia == 0)
    #expect(found.centroids == Tensor(repeating: 2, shape: [3, 4]))
  }

  @Test("fewer rows than clusters are their own centroids", arguments: [1, 5, 8])
  func fewRows(count: Int) throws {
    var generator = PhiloxGenerator(seed: 0)
    let rows = Tensor((0..<count * 3).map(Float.init), shape: [count, 3])
    let found = try KMeans(clusters: 8).cluster(rows, using: &generator)
    #expect(found.centroids == rows)
    #expect(found.assignments.indices == (0..<Int32(count)).map { $0 })
  }

  @Test(
    "the median inertia of mini-batches is within one percent of scikit-learn's",
    arguments: ["mixture", "digits"])
  func miniBatch(data: String) throws {
    let golden = try GoldenFile("clustering", in: .module)[data]
    let found = try (0..<50).map { seed in
      var generator = PhiloxGenerator(seed: UInt64(seed))
      return try KMeans(clusters: 8, miniBatch: 64).cluster(golden["rows"], using: &generator)
    }
    let inertias = found.map(\.inertia).sorted()
    #expect((inertias[24] + inertias[25]) / 2 <= Double(golden["miniBatch8"].scalar) * 1.01)
    #expect(found.allSatisfy { $0.iterations < 300 })
  }

  @Test("mini-batches by cosine keep directions")
  func sphericalMiniBatch() throws {
    let rows = try GoldenFile("clustering", in: .module)["digits"]["rows"]
    var generator = PhiloxGenerator(seed: 4)
    let found = try KMeans(clusters: 5, distance: .cosine, miniBatch: 64)
      .cluster(rows, using: &generator)
    for cluster in 0..<5 {
      let square = (0..<rows.shape[1]).reduce(Float(0)) {
        $0 + found.centroids[cluster, $1] * found.centroids[cluster, $1]
      }
      #expect(abs(square - 1) < 1e-4)
    }
  }

  @Test(
    "a value that is not finite is an error that names its row", arguments: [Float.nan, .infinity])
  func notFinite(bad: Float) {
    var rows = Tensor.zeros([12, 3])
    rows[7, 1] = bad
    var generator = PhiloxGenerator(seed: 0)
    let error = #expect(throws: ClusteringError.self) {
      try KMeans().cluster(rows, using: &generator)
    }
    #expect(error?.description == "clustering: row 7 has a value that is NaN or infinite")
  }

  @Test("rows whose distances would overflow are an error, those just shorter are grouped")
  func tooLong() throws {
    let algorithms: [any Clustering] = [
      KMeans(clusters: 2), KMeans(clusters: 2, miniBatch: 4), DBSCAN(radius: 1),
      Agglomerative(clusters: 2), Agglomerative(clusters: 2, linkage: .average),
    ]
    func rows(_ length: Float) -> Tensor {
      Tensor((0..<8).flatMap { [$0 % 2 == 0 ? length : -length, Float($0)] }, shape: [8, 2])
    }
    for algorithm in algorithms {
      var generator = PhiloxGenerator(seed: 0)
      let error = #expect(throws: ClusteringError.self) {
        try algorithm.cluster(rows(1.5e19), using: &generator)
      }
      #expect(
        error?.description
          == "clustering: row 0 is longer than 1.1258999e+15: its distances would overflow")
      let found = try algorithm.cluster(rows(1.1e15), using: &generator)
      #expect(found.centroids.scalars.allSatisfy { $0.isFinite })
    }
  }

  @Test("a matrix without rows is an error")
  func noRows() {
    var generator = PhiloxGenerator(seed: 0)
    let error = #expect(throws: ClusteringError.self) {
      try KMeans().cluster(.zeros([0, 3]), using: &generator)
    }
    #expect(error?.description == "clustering: the matrix has no rows")
  }
}
