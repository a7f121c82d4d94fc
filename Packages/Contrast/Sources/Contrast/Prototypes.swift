public import Tensor

/// One embedding a foreground class of the batch, and how alike the classes are.
///
/// The prototype of a class is the mean of the embeddings of its top-scoring pixels in the batch,
/// weighted by their scores (arXiv 2406.15755, section III-C). Constants: no gradient flows here.
public struct Prototypes: Sendable {
  /// The classes that have a prototype, ascending. A class whose scores are all 0 has none.
  public let classes: [Int]
  /// `[P, D]`, in the order of `classes`.
  public let embeddings: Tensor

  /// Creates prototypes computed elsewhere, such as those of another view.
  ///
  /// - Precondition: `embeddings` is `[classes.count, D]`.
  public init(classes: [Int], embeddings: Tensor) {
    check(
      embeddings.rank == 2 && embeddings.shape[0] == classes.count,
      "Prototypes: embeddings \(embeddings.shape) for \(classes.count) classes")
    self.classes = classes
    self.embeddings = embeddings
  }

  /// Computes the prototypes of a batch.
  ///
  /// - Parameters:
  ///   - features: Foreground embeddings `Zf`, `[B, H, W, D]`.
  ///   - seeds: Scores of the same batch.
  ///   - divisor: A class takes its top `H * W / divisor` pixels, 1 at least; 32, or 16 in the PPC
  ///     route.
  public init(features: Tensor, seeds: SeedMap, divisor: Int = 32) {
    check(divisor >= 1, "Prototypes: divisor \(divisor), expected 1 or more")
    checkFeatures(features, seeds, "Prototypes")
    let (area, channels, depth) = (seeds.area, seeds.classes + 1, features.shape[3])
    let top = max(area / divisor, 1)
    var means = [[Float]?](repeating: nil, count: channels)
    unsafe seeds.scores.withUnsafeScalars { scores in
      unsafe features.withUnsafeScalars { features in
        unsafe means.withUnsafeMutableBufferPointer { means in
          parallelFor(channels) { range in
            for c in range {
              var candidates: [(score: Float, pixel: Int)] = []
              for image in 0..<seeds.batch where seeds.present[image].contains(c) {
                for pixel in image * area..<(image + 1) * area {
                  // Safe: a pixel of the batch and a class; below, a row of the features.
                  let score = unsafe scores[pixel * channels + c]
                  if score > 0 { candidates.append((score, pixel)) }
                }
              }
              if candidates.isEmpty { continue }
              // Ties go to the earlier pixel.
              let chosen = candidates.sorted { ($1.score, $0.pixel) < ($0.score, $1.pixel) }
                .prefix(top)
              let total = chosen.reduce(0.0) { $0 + Double($1.score) }
              var sums = [Double](repeating: 0, count: depth)
              for (score, pixel) in chosen {
                let weight = Double(score) / total
                for d in 0..<depth {
                  sums[d] += weight * Double(unsafe features[pixel * depth + d])
                }
              }
              unsafe means[c] = sums.map(Float.init)
            }
          }
        }
      }
    }
    let classes = means.indices.filter { means[$0] != nil }
    self.init(
      classes: classes,
      embeddings: Tensor(means.compactMap(\.self).flatMap(\.self), shape: [classes.count, depth]))
  }

  /// The semantic graph `G`, `[P, P]`: the cosine of each pair of prototypes, 0 with a zero one.
  public var semanticGraph: Tensor {
    let (count, depth) = (classes.count, embeddings.shape[1])
    let rows = embeddings.scalars.map(Double.init)
    func dot(_ a: Int, _ b: Int) -> Double {
      (0..<depth).reduce(0.0) { $0 + rows[a * depth + $1] * rows[b * depth + $1] }
    }
    let lengths = (0..<count).map { max(dot($0, $0).squareRoot(), 1e-8) }
    return Tensor(
      (0..<count * count).map {
        Float(dot($0 / count, $0 % count) / (lengths[$0 / count] * lengths[$0 % count]))
      }, shape: [count, count])
  }
}

func checkFeatures(_ features: Tensor, _ seeds: SeedMap, _ operation: String) {
  check(
    features.rank == 4
      && features.shape.dimensions.dropLast() == seeds.labels.shape.dimensions[...],
    "\(operation): features \(features.shape) for a seed map of \(seeds.labels.shape)")
}
