internal import CClustering
internal import Tensor

/// Centroids in the layout of the assignment loop: sixteen clusters a vector.
struct PackedCentroids {
  private let packed: Tensor
  private let halfNorms: Tensor
  private let clusters: Int
  private let dimension: Int

  init(_ centroids: Tensor) {
    let (clusters, dimension) = (centroids.shape[0], centroids.shape[1])
    self.clusters = clusters
    self.dimension = dimension
    let lanes = cc_padded(clusters)
    var norms = Tensor.zeros([lanes])
    packed = unsafe centroids.withUnsafeScalars { source in
      unsafe Tensor(unsafeUninitialized: [dimension, lanes]) { packed in
        unsafe norms.withUnsafeMutableScalars { norms in
          // Safe: sizes as cc_pack_centroids expects them.
          unsafe cc_pack_centroids(
            source.baseAddress, clusters, dimension, packed.baseAddress, norms.baseAddress)
        }
      }
    }
    halfNorms = norms
  }

  /// Finds the nearest centroid of `count` rows; returns how many assignments changed.
  func assign(
    _ rows: UnsafePointer<Float>, _ squaredNorms: UnsafePointer<Float>, _ count: Int,
    to assignments: UnsafeMutablePointer<Int32>, _ distances: UnsafeMutablePointer<Float>
  ) -> Int {
    unsafe packed.withUnsafeScalars { packed in
      unsafe halfNorms.withUnsafeScalars { norms in
        unsafe cc_assign(
          rows, squaredNorms, count, dimension, packed.baseAddress, norms.baseAddress, clusters,
          assignments, distances)
      }
    }
  }

  /// The nearest centroid of each row, and its squared distance.
  func nearest(to matrix: RowMatrix) -> (clusters: [Int], distances: [Float]) {
    var assignments = [Int32](repeating: 0, count: matrix.count)
    var distances = [Float](repeating: 0, count: matrix.count)
    unsafe matrix.rows.withUnsafeScalars { rows in
      unsafe matrix.squaredNorms.withUnsafeScalars { norms in
        guard let rows = rows.baseAddress, let norms = norms.baseAddress else { return }
        _ = unsafe assign(rows, norms, matrix.count, to: &assignments, &distances)
      }
    }
    return (assignments.map(Int.init), distances)
  }
}
