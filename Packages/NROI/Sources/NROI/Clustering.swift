public import Tensor

/// A way to summarise the rows of a matrix by a few of them or by their means.
///
/// The paper summarises an image's background embeddings by K-means but leaves the choice open
/// (arXiv 2406.15755, section III-B); every alternative stands behind this protocol, so that an
/// ablation changes one value.
public protocol Clustering: Sendable {
  /// Groups the rows of a matrix.
  ///
  /// - Parameters:
  ///   - rows: `[N, D]`, finite, `N` 1 or more.
  ///   - generator: The source of every random choice; the same state gives the same bits, on any
  ///     number of threads.
  /// - Returns: Centroids and what belongs to them.
  /// - Throws: `ClusteringError` where a row is not finite or the matrix has none.
  func cluster(_ rows: Tensor, using generator: inout PhiloxGenerator) throws(ClusteringError)
    -> Clusters
}

/// How the distance of two rows is measured.
public enum Distance: Sendable, Hashable {
  /// The length of their difference.
  case euclidean
  /// The same after scaling each row to length 1, so that only directions count; zero rows stay.
  case cosine
}
