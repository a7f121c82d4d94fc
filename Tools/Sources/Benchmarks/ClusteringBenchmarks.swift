internal import NROI
internal import Tensor

extension Benchmark {
  /// K-means on the background embeddings of one image, and of a batch.
  static let clustering: [Benchmark] = [
    kMeans(rows: 1024, dimension: 128, clusters: 8, images: 1),
    kMeans(rows: 1024, dimension: 128, clusters: 8, images: 16),
    kMeans(rows: 4096, dimension: 128, clusters: 16, images: 1),
  ]

  private static func kMeans(
    rows: Int, dimension: Int, clusters: Int, images: Int
  ) -> Benchmark {
    Benchmark(
      "clustering/k-means \(clusters) of \(rows)x\(dimension), \(images) images",
      work: .items(Double(images), unit: "images")
    ) {
      let embeddings = mixture(images: images, rows: rows, dimension: dimension)
      let labels = LabelMap(repeating: 0, shape: [images, 1, rows])
      var step = 0
      return {
        do {
          _ = try NegativeRegions(
            embeddings: embeddings, labels: labels, clustering: KMeans(clusters: clusters),
            seed: 1, step: step)
          step += 1
        } catch { fatalError("\(error)") }
      }
    }
  }

  /// Rows around twelve centres an image, not below 0, as embeddings after a ReLU are.
  static func mixture(images: Int, rows: Int, dimension: Int) -> Tensor {
    var generator = PhiloxGenerator(seed: 2)
    let centers = generator.normal(shape: [images * 12, dimension])
    let choice = generator.integers(below: 12, shape: [images * rows])
    var embeddings = generator.normal(
      shape: [images, 1, rows, dimension], standardDeviation: 0.7)
    embeddings.withMutableScalars { span in
      centers.withScalars { centers in
        for row in 0..<images * rows {
          let center = row / rows * 12 + Int(choice.indices[row])
          for d in 0..<dimension {
            let value = span[row * dimension + d] + centers[center * dimension + d]
            span[row * dimension + d] = max(value, 0)
          }
        }
      }
    }
    return embeddings
  }
}
