public import Tensor

/// Density clustering: groups grow from rows with many close neighbours; the rest is noise.
///
/// Ester et al., KDD 1996; the same groups as scikit-learn's `DBSCAN`. Rows that are all noise give
/// the mean of all rows as the only centroid, so that an image never goes without one.
public struct DBSCAN: Clustering, Hashable {
  /// Rows at most this far apart are neighbours; a length, also for `Distance.cosine`, where it is
  /// `sqrt(2 - 2 cos)`.
  public var radius: Float
  /// Neighbours, itself included, that make a row a core row.
  public var minimumNeighbors: Int
  /// The distance of rows.
  public var distance: Distance

  /// Creates the algorithm.
  ///
  /// - Precondition: `radius` is above 0, `minimumNeighbors` 1 or more.
  public init(radius: Float, minimumNeighbors: Int = 5, distance: Distance = .euclidean) {
    check(radius > 0, "DBSCAN: radius \(radius), expected above 0")
    check(minimumNeighbors >= 1, "DBSCAN: \(minimumNeighbors) neighbours, expected 1 or more")
    self.radius = radius
    self.minimumNeighbors = minimumNeighbors
    self.distance = distance
  }

  /// Groups the rows; the generator is not used. Groups are numbered by their first core row.
  ///
  /// - Complexity: O(N^2 D) time, O(N) memory.
  public func cluster(
    _ rows: Tensor, using generator: inout PhiloxGenerator
  ) throws(ClusteringError) -> Clusters {
    let matrix = try RowMatrix(rows, distance: distance)
    let limit = radius * radius
    func neighbors(of row: Int) -> [Int] {
      let distances = matrix.squaredDistances(toRow: row)
      return distances.indices.filter { distances[$0] <= limit }
    }
    var assignments = [Int32](repeating: Clusters.noise, count: matrix.count)
    var visited = [Bool](repeating: false, count: matrix.count)
    var clusters: Int32 = 0
    for row in 0..<matrix.count where !visited[row] {
      visited[row] = true
      var frontier = neighbors(of: row)
      guard frontier.count >= minimumNeighbors else { continue }
      assignments[row] = clusters
      while let next = frontier.popLast() {
        if assignments[next] == Clusters.noise { assignments[next] = clusters }
        guard !visited[next] else { continue }
        visited[next] = true
        let more = neighbors(of: next)
        if more.count >= minimumNeighbors {
          frontier += more.filter { assignments[$0] == Clusters.noise }
        }
      }
      clusters += 1
    }
    if clusters == 0 {
      let all = Clusters(
        grouping: matrix, by: [Int32](repeating: 0, count: matrix.count), clusters: 1,
        distance: distance)
      return Clusters(
        centroids: all.centroids, assignments: IndexTensor(assignments), inertia: 0, iterations: 1)
    }
    return Clusters(
      grouping: matrix, by: assignments, clusters: Int(clusters), distance: distance)
  }
}
