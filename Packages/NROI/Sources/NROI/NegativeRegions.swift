public import Tensor

/// The negative regions of interest (NROI) of a batch: for each image the centroids of its
/// background embeddings.
///
/// arXiv 2406.15755, section III-B: background pixels are many and alike; a few centroids stand for
/// the semantics of an image's background.
public struct NegativeRegions: Sendable {
  /// The clustering of each image, `nil` where it has no background pixel.
  public let images: [Clusters?]
  /// For each image the positions in `0..<H * W` of the pixels that were clustered, in order; the
  /// assignments of `images` belong to them.
  public let pixels: [[Int]]

  /// All centroids, `[M, D]`, image by image; what enters the memory bank.
  public let centroids: Tensor

  /// Clusters the background embeddings of each image, images in parallel.
  ///
  /// An image with no more background pixels than centroids asked for gives the pixels themselves.
  /// Each image draws from a stream of its own, so that its centroids depend neither on the other
  /// images nor on the number of threads.
  ///
  /// - Parameters:
  ///   - embeddings: Background embeddings `Zb`, `[B, H, W, D]`.
  ///   - labels: Pseudo labels, `[B, H, W]`; 0 is background. All others count nowhere, 255 for
  ///     the padding of a crop among them.
  ///   - clustering: The algorithm; the paper's is K-means with K = 8.
  ///   - seed: The source of every random choice, with the step below.
  ///   - step: The training step; another step draws anew.
  /// - Throws: `ClusteringError` naming the image where an embedding is not finite.
  public init(
    embeddings: Tensor, labels: LabelMap, clustering: some Clustering = KMeans(), seed: UInt64,
    step: Int = 0
  ) throws(ClusteringError) {
    check(
      embeddings.rank == 4 && labels.shape.dimensions == embeddings.shape.dimensions.dropLast(),
      "NegativeRegions: embeddings \(embeddings.shape) and labels \(labels.shape), expected "
        + "[B, H, W, D] and [B, H, W]")
    let (batch, depth) = (embeddings.shape[0], embeddings.shape[3])
    let area = embeddings.shape[1] * embeddings.shape[2]
    pixels = (0..<batch).map { image in
      (0..<area).filter { labels.labels[image * area + $0] == 0 }
    }
    var results = [Result<Clusters?, ClusteringError>](repeating: .success(nil), count: batch)
    let pixels = pixels
    unsafe embeddings.withUnsafeScalars { source in
      unsafe results.withUnsafeMutableBufferPointer { results in
        parallelFor(batch) { range in
          for image in range where !pixels[image].isEmpty {
            let rows = unsafe Tensor(unsafeUninitialized: [pixels[image].count, depth]) { rows in
              for (row, pixel) in pixels[image].enumerated() {
                let first = (image * area + pixel) * depth
                // Safe: `first` is a pixel of the tensor, `row` one of the new matrix.
                _ = unsafe UnsafeMutableBufferPointer(
                  rebasing: rows[row * depth..<(row + 1) * depth]
                ).initialize(fromContentsOf: source[first..<first + depth])
              }
            }
            var generator = PhiloxGenerator(seed: seed, stream: UInt64(step * batch + image))
            do throws(ClusteringError) {
              unsafe results[image] = .success(
                try clustering.cluster(rows, using: &generator))
            } catch {
              unsafe results[image] = .failure(error)
            }
          }
        }
      }
    }
    var images: [Clusters?] = []
    for (image, result) in results.enumerated() {
      switch result {
      case .success(let clusters): images.append(clusters)
      case .failure(let error): throw error.inImage(image)
      }
    }
    self.images = images
    let all = images.compactMap { $0?.centroids }
    centroids = Tensor(
      all.flatMap(\.scalars), shape: [all.reduce(0) { $0 + $1.shape[0] }, depth])
  }
}
