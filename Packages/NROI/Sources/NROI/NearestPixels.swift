public import Tensor

extension Clusters {
  /// The rows nearest to each centroid, nearest first: what a centroid looks like in pictures.
  ///
  /// - Parameters:
  ///   - rows: The rows that were clustered, or others of the same dimension, `[N, D]`.
  ///   - count: Rows a centroid at the most.
  /// - Returns: For each centroid, row numbers; ties in their order.
  public func nearestRows(in rows: Tensor, count: Int) -> [[Int]] {
    check(
      rows.rank == 2 && rows.shape[1] == centroids.shape[1],
      "nearestRows: rows \(rows.shape) and centroids \(centroids.shape) differ in dimension")
    let (dimension, values, centers) = (rows.shape[1], rows.scalars, centroids.scalars)
    return (0..<centroids.shape[0]).map { cluster in
      let distances = (0..<rows.shape[0]).map { row in
        (0..<dimension).reduce(Float(0)) { sum, d in
          let difference = values[row * dimension + d] - centers[cluster * dimension + d]
          return sum + difference * difference
        }
      }
      let order = distances.indices.sorted { (distances[$0], $0) < (distances[$1], $1) }
      return Array(order.prefix(count))
    }
  }
}
