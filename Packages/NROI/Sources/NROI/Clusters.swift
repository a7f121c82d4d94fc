public import Tensor

/// Rows grouped around centroids.
public struct Clusters: Sendable {
  /// The assignment of a row that belongs to no cluster (DBSCAN's noise, rows not drawn).
  public static let noise: Int32 = -1

  /// `[K, D]`, no two groups share one; `K` may be less than asked for where there are fewer rows.
  public let centroids: Tensor
  /// `[N]`: each row's centroid, or `noise`.
  public let assignments: IndexTensor
  /// The sum of squared distances of the assigned rows to their centroids.
  public let inertia: Double
  /// Rounds until the end, of the best restart; 1 where the algorithm has none.
  public let iterations: Int

  /// Creates a grouping.
  public init(centroids: Tensor, assignments: IndexTensor, inertia: Double, iterations: Int) {
    self.centroids = centroids
    self.assignments = assignments
    self.inertia = inertia
    self.iterations = iterations
  }

  /// The number of rows at each centroid.
  public var sizes: [Int] {
    var sizes = [Int](repeating: 0, count: centroids.shape[0])
    for cluster in assignments.indices where cluster >= 0 { sizes[Int(cluster)] += 1 }
    return sizes
  }
}
