public import Tensor

/// How tight and how far apart clusters of rows are, such as the negative regions of an image.
public struct ClusterDiagnostics: Hashable, Sendable, Codable {
  /// The mean distance of a row to the centroid of its cluster.
  public let withinDistance: Double
  /// The mean distance of two clusters' centroids; `nil` for one cluster.
  public let betweenDistance: Double?
  /// The mean over the rows of (b - a) / max(a, b), in -1...1: a is the mean distance to the other
  /// rows of its cluster, b that to the rows of the nearest other one; 0 for a row alone. `nil` for
  /// one cluster. Rousseeuw 1987; scikit-learn's `silhouette_score`.
  public let silhouette: Double?

  /// Measures clusters by Euclidean distance.
  ///
  /// - Parameters:
  ///   - rows: `[N, D]`, one or more.
  ///   - clusters: The cluster of each row, any numbers; negative for rows to leave out, as noise.
  /// - Throws: `MetricsError` for shapes that do not fit, no clustered row or one not finite.
  /// - Complexity: O(N^2 D), on all threads.
  public init(rows: Tensor, clusters: [Int]) throws(MetricsError) {
    guard rows.rank == 2, rows.shape[0] == clusters.count else {
      throw MetricsError(
        "clusters: rows \(rows.shape) and \(clusters.count) clusters, expected [N, D] and N")
    }
    let depth = rows.shape[1]
    let scalars = rows.scalars
    if let index = scalars.firstIndex(where: { !$0.isFinite }) {
      throw MetricsError("clusters: row \(index / depth) is not finite")
    }
    let kept = clusters.indices.filter { clusters[$0] >= 0 }
    let names = Set(kept.map { clusters[$0] }).sorted()
    guard !names.isEmpty else { throw MetricsError("clusters: no row belongs to one") }
    let positions = Dictionary(uniqueKeysWithValues: zip(names, names.indices))
    let groups = kept.map { positions[clusters[$0], default: 0] }
    let points = kept.map { row in (0..<depth).map { Double(scalars[row * depth + $0]) } }
    var sizes = [Int](repeating: 0, count: names.count)
    var centroids = [[Double]](repeating: Array(repeating: 0, count: depth), count: names.count)
    for (point, group) in zip(points, groups) {
      sizes[group] += 1
      for d in 0..<depth { centroids[group][d] += point[d] }
    }
    for group in names.indices {
      for d in 0..<depth { centroids[group][d] /= Double(sizes[group]) }
    }
    let within = zip(points, groups).reduce(0) { $0 + distance($1.0, centroids[$1.1]) }
    withinDistance = within / Double(points.count)
    guard names.count > 1 else {
      (betweenDistance, silhouette) = (nil, nil)
      return
    }
    let between = centroids.indices.flatMap { first in
      centroids[(first + 1)...].map { distance(centroids[first], $0) }
    }
    betweenDistance = mean(of: between)
    silhouette = Self.silhouette(points, groups, sizes)
  }

  private static func silhouette(
    _ points: [[Double]], _ groups: [Int], _ sizes: [Int]
  ) -> Double? {
    var values = [Double](repeating: 0, count: points.count)
    unsafe values.withUnsafeMutableBufferPointer { values in
      parallelFor(points.count, grain: 16) { range in
        for row in range where sizes[groups[row]] > 1 {
          var sums = [Double](repeating: 0, count: sizes.count)
          for (point, group) in zip(points, groups) { sums[group] += distance(points[row], point) }
          let own = groups[row]
          let inside = sums[own] / Double(sizes[own] - 1)
          let outside = sizes.indices.filter { $0 != own }.map { sums[$0] / Double(sizes[$0]) }
          guard let nearest = outside.min(), max(inside, nearest) > 0 else { continue }
          // Safe: each row is of one chunk.
          unsafe values[row] = (nearest - inside) / max(inside, nearest)
        }
      }
    }
    return mean(of: values)
  }
}

private func distance(_ a: [Double], _ b: [Double]) -> Double {
  var sum = 0.0
  for index in a.indices {
    let difference = a[index] - b[index]
    sum += difference * difference
  }
  return sum.squareRoot()
}
