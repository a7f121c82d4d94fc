public import Tensor

/// Rows drawn at random as they are, without any grouping: the ablation "plain random pixels".
public struct RandomRows: Clustering, Hashable {
  /// The number of rows to draw, without replacement.
  public var count: Int

  /// Creates the baseline.
  ///
  /// - Precondition: `count` is 1 or more.
  public init(count: Int = 8) {
    check(count >= 1, "RandomRows: \(count) rows, expected 1 or more")
    self.count = count
  }

  /// Draws rows; those not drawn are `Clusters.noise`.
  public func cluster(
    _ rows: Tensor, using generator: inout PhiloxGenerator
  ) throws(ClusteringError) -> Clusters {
    let matrix = try RowMatrix(rows, distance: .euclidean)
    // Floyd's sampling: each set of rows is equally likely, in O(count).
    var drawn: [Int] = []
    for last in max(matrix.count - count, 0)..<matrix.count {
      let row = Int.random(in: 0...last, using: &generator)
      drawn.append(drawn.contains(row) ? last : row)
    }
    var assignments = [Int32](repeating: Clusters.noise, count: matrix.count)
    for (cluster, row) in drawn.enumerated() { assignments[row] = Int32(cluster) }
    return Clusters(
      centroids: matrix.gather(drawn), assignments: IndexTensor(assignments), inertia: 0,
      iterations: 1)
  }
}

/// The mean of all rows as the only centroid: the ablation "single background prototype".
public struct SingleMean: Clustering, Hashable {
  /// Creates the baseline.
  public init() {}

  /// Returns one cluster that holds every row.
  public func cluster(
    _ rows: Tensor, using generator: inout PhiloxGenerator
  ) throws(ClusteringError) -> Clusters {
    let matrix = try RowMatrix(rows, distance: .euclidean)
    return Clusters(
      grouping: matrix, by: [Int32](repeating: 0, count: matrix.count), clusters: 1,
      distance: .euclidean)
  }
}

extension Clusters {
  /// The means of given groups; rows of `noise` count nowhere. Every group has a row.
  init(
    grouping matrix: RowMatrix, by assignments: [Int32], clusters: Int, distance: Distance,
    iterations: Int = 1
  ) {
    let dimension = matrix.dimension
    var sums = [Double](repeating: 0, count: clusters * dimension)
    var sizes = [Double](repeating: 0, count: clusters)
    let rows = matrix.rows.scalars
    for (row, cluster) in assignments.enumerated() where cluster >= 0 {
      sizes[Int(cluster)] += 1
      for d in 0..<dimension {
        sums[Int(cluster) * dimension + d] += Double(rows[row * dimension + d])
      }
    }
    for cluster in 0..<clusters {
      let range = cluster * dimension..<(cluster + 1) * dimension
      var scale = 1 / sizes[cluster]
      if distance == .cosine {
        let square = sums[range].reduce(0.0) { $0 + $1 * $1 }
        scale = square > 0 ? 1 / square.squareRoot() : 0
      }
      for index in range { sums[index] *= scale }
    }
    var inertia = 0.0
    for (row, cluster) in assignments.enumerated() where cluster >= 0 {
      for d in 0..<dimension {
        let difference = Double(rows[row * dimension + d]) - sums[Int(cluster) * dimension + d]
        inertia += difference * difference
      }
    }
    self.init(
      centroids: Tensor(sums.map(Float.init), shape: [clusters, dimension]),
      assignments: IndexTensor(assignments), inertia: inertia, iterations: iterations)
  }
}
