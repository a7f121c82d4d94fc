public import Tensor

/// K-means on rows: greedy k-means++ seeding and Lloyd's iteration.
///
/// Stops early when no row changes its cluster, or when the centroids move less than `tolerance`.
/// A cluster that loses its last row takes the row farthest from its centroid. Fewer rows than
/// clusters: every row is a centroid. Results do not depend on the number of threads.
///
/// Seeding: Arthur and Vassilvitskii, SODA 2007, with several candidates a step as scikit-learn;
/// mini-batches: Sculley, WWW 2010.
public struct KMeans: Clustering, Hashable {
  /// The number of clusters; the method's K = 8.
  public var clusters: Int
  /// How the distance of two rows is measured.
  public var distance: Distance
  /// Lloyd rounds at the most.
  public var maximumIterations: Int
  /// Stop when the squared movement of the centroids falls below this share of the mean variance.
  public var tolerance: Double
  /// Independent runs; the one with the least inertia wins.
  public var restarts: Int
  /// Rows a step of the mini-batch variant, which ends when the smoothed inertia stops falling;
  /// `nil` uses all rows each round.
  public var miniBatch: Int?

  /// Creates the algorithm with scikit-learn's defaults.
  ///
  /// - Precondition: `clusters`, `maximumIterations`, `restarts` and `miniBatch` are 1 or more.
  public init(
    clusters: Int = 8, distance: Distance = .euclidean, maximumIterations: Int = 300,
    tolerance: Double = 1e-4, restarts: Int = 1, miniBatch: Int? = nil
  ) {
    check(clusters >= 1, "KMeans: \(clusters) clusters, expected 1 or more")
    check(maximumIterations >= 1, "KMeans: \(maximumIterations) iterations, expected 1 or more")
    check(restarts >= 1, "KMeans: \(restarts) restarts, expected 1 or more")
    check((miniBatch ?? 1) >= 1, "KMeans: a mini-batch of \(miniBatch ?? 0), expected 1 or more")
    self.clusters = clusters
    self.distance = distance
    self.maximumIterations = maximumIterations
    self.tolerance = tolerance
    self.restarts = restarts
    self.miniBatch = miniBatch
  }

  /// Groups the rows of a matrix.
  ///
  /// Centroids of `Distance.cosine` have length 1, and the inertia is of the scaled rows.
  ///
  /// - Complexity: O(N K D) a round.
  public func cluster(
    _ rows: Tensor, using generator: inout PhiloxGenerator
  ) throws(ClusteringError) -> Clusters {
    let matrix = try RowMatrix(rows, distance: distance)
    if matrix.count <= clusters {
      return Clusters(
        centroids: matrix.rows, assignments: IndexTensor((0..<Int32(matrix.count)).map { $0 }),
        inertia: 0, iterations: 1)
    }
    var best: Clusters?
    for _ in 0..<restarts {
      var lloyd = Lloyd(matrix, self, using: &generator)
      let found = lloyd.run(using: &generator)
      if found.inertia < best?.inertia ?? .infinity { best = found }
    }
    guard let best else { fatalError("KMeans: no restart ran") }
    return best
  }
}
