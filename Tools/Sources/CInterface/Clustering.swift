public import CFBR
internal import NROI
internal import Tensor

/// See `fbr.h`.
@c(fbr_default_clustering) @implementation
public func fbr_default_clustering(_ clustering: UnsafeMutablePointer<fbr_clustering>?) {
  let defaults = KMeans()
  unsafe clustering?.pointee = fbr_clustering(
    clusters: Int32(defaults.clusters), cosine: 0,
    maximum_iterations: Int32(defaults.maximumIterations), restarts: Int32(defaults.restarts),
    mini_batch: 0, tolerance: defaults.tolerance)
}

/// See `fbr.h`.
@c(fbr_k_means) @implementation
public func fbr_k_means(
  _ rows: UnsafePointer<Float>?, _ count: Int64, _ dimension: Int64,
  _ clustering: UnsafePointer<fbr_clustering>?, _ seed: UInt64,
  _ centroids: UnsafeMutablePointer<Float>?, _ assignments: UnsafeMutablePointer<Int32>?,
  _ found: UnsafeMutablePointer<Int64>?, _ inertia: UnsafeMutablePointer<Double>?,
  _ iterations: UnsafeMutablePointer<Int64>?, _ error: UnsafeMutablePointer<CChar>?,
  _ errorSize: Int64
) -> Int32 {
  unsafe reporting(error, errorSize) {
    _ = try elements("rows", [count, dimension])
    let matrix = try unsafe tensor("rows", rows, [count, dimension])
    var generator = PhiloxGenerator(seed: seed)
    let clusters = try unsafe kMeans(clustering).cluster(matrix, using: &generator)
    unsafe copy(clusters.centroids, to: centroids)
    for (row, cluster) in clusters.assignments.indices.enumerated() {
      // Safe: one assignment a row.
      unsafe assignments?[row] = cluster
    }
    unsafe found?.pointee = Int64(clusters.centroids.shape[0])
    unsafe inertia?.pointee = clusters.inertia
    unsafe iterations?.pointee = Int64(clusters.iterations)
  }
}

/// See `fbr.h`.
@c(fbr_negative_regions) @implementation
public func fbr_negative_regions(
  _ embeddings: UnsafePointer<Float>?, _ labels: UnsafePointer<UInt8>?, _ batch: Int64,
  _ height: Int64, _ width: Int64, _ depth: Int64, _ clustering: UnsafePointer<fbr_clustering>?,
  _ seed: UInt64, _ step: UInt64, _ centroids: UnsafeMutablePointer<Float>?,
  _ count: UnsafeMutablePointer<Int64>?, _ error: UnsafeMutablePointer<CChar>?, _ errorSize: Int64
) -> Int32 {
  unsafe reporting(error, errorSize) {
    _ = try elements("embeddings", [batch, height, width, depth])
    try expect(step < 1 << 31, "step \(step), expected below 2^31")
    let pixels = try unsafe array("labels", labels, Int(batch * height * width))
    let regions = try NegativeRegions(
      embeddings: unsafe tensor("embeddings", embeddings, [batch, height, width, depth]),
      labels: LabelMap(pixels, shape: [Int(batch), Int(height), Int(width)]),
      clustering: unsafe kMeans(clustering), seed: seed, step: Int(step))
    unsafe copy(regions.centroids, to: centroids)
    unsafe count?.pointee = Int64(regions.centroids.shape[0])
  }
}

private func kMeans(_ clustering: UnsafePointer<fbr_clustering>?) throws -> KMeans {
  guard let options = unsafe clustering?.pointee else { throw ArgumentError("clustering is NULL") }
  try expect(options.clusters >= 1, "clusters \(options.clusters), expected 1 or more")
  try expect(
    options.maximum_iterations >= 1,
    "maximum_iterations \(options.maximum_iterations), expected 1 or more")
  try expect(options.restarts >= 1, "restarts \(options.restarts), expected 1 or more")
  try expect(options.mini_batch >= 0, "mini_batch \(options.mini_batch), expected 0 or more")
  return KMeans(
    clusters: Int(options.clusters), distance: options.cosine == 0 ? .euclidean : .cosine,
    maximumIterations: Int(options.maximum_iterations), tolerance: options.tolerance,
    restarts: Int(options.restarts),
    miniBatch: options.mini_batch == 0 ? nil : Int(options.mini_batch))
}
