internal import CClustering
internal import Foundation
internal import Tensor

/// One run of K-means: the centroids, and what is needed to move them.
struct Lloyd {
  private let matrix: RowMatrix
  private let options: KMeans
  private var centroids: Tensor
  private var assignments: IndexTensor
  private var distances: Tensor

  private var clusters: Int { options.clusters }
  private var dimension: Int { matrix.dimension }

  init(_ matrix: RowMatrix, _ options: KMeans, using generator: inout PhiloxGenerator) {
    self.matrix = matrix
    self.options = options
    assignments = IndexTensor([Int32](repeating: Clusters.noise, count: matrix.count))
    distances = Tensor(repeating: .infinity, shape: [matrix.count])
    centroids = matrix.gather(
      Self.seeds(options.clusters, of: matrix, using: &generator))
  }

  /// Greedy k-means++: each next centroid is the best of a few rows drawn with probability
  /// proportional to the squared distance to the centroids so far.
  private static func seeds(
    _ clusters: Int, of matrix: RowMatrix, using generator: inout PhiloxGenerator
  ) -> [Int] {
    let trials = 2 + Int(log(Double(clusters)))
    var seeds = [Int.random(in: 0..<matrix.count, using: &generator)]
    var nearest = matrix.squaredDistances(toRow: seeds[0])
    while seeds.count < clusters {
      let total = nearest.reduce(0.0) { $0 + Double($1) }
      var best = (row: 0, nearest: nearest, total: Double.infinity)
      for _ in 0..<trials {
        let candidate = draw(nearest, total: total, using: &generator)
        var updated = matrix.squaredDistances(toRow: candidate)
        var sum = 0.0
        for row in updated.indices {
          updated[row] = min(updated[row], nearest[row])
          sum += Double(updated[row])
        }
        if sum < best.total { best = (candidate, updated, sum) }
      }
      seeds.append(best.row)
      nearest = best.nearest
    }
    return seeds
  }

  /// A row with probability proportional to its weight; any row where all weigh nothing.
  private static func draw(
    _ weights: [Float], total: Double, using generator: inout PhiloxGenerator
  ) -> Int {
    guard total > 0 else { return Int.random(in: weights.indices, using: &generator) }
    var left = Double.random(in: 0..<total, using: &generator)
    for (row, weight) in weights.enumerated() {
      left -= Double(weight)
      if left < 0 { return row }
    }
    return weights.lastIndex { $0 > 0 } ?? 0
  }

  mutating func run(using generator: inout PhiloxGenerator) -> Clusters {
    var iterations = 0
    if let size = options.miniBatch {
      var seen = [Double](repeating: 0, count: clusters)
      var progress = MiniBatchProgress(batch: size, rows: matrix.count)
      while iterations < options.maximumIterations, !progress.isOver {
        iterations += 1
        progress.add(step(size: size, seen: &seen, using: &generator))
      }
    } else {
      let limit = options.tolerance * matrix.meanVariance
      while iterations < options.maximumIterations {
        iterations += 1
        let (changed, sums, sizes) = assign()
        if changed == 0 { break }
        if move(to: sums, sizes) <= limit { break }
      }
    }
    _ = assign()
    return Clusters(
      centroids: centroids, assignments: assignments,
      inertia: distances.scalars.reduce(0.0) { $0 + Double($1) }, iterations: iterations)
  }

  /// Gives each row its nearest centroid; returns how many rows changed theirs, and the clusters'
  /// sums and sizes, added up chunk by chunk in order.
  private mutating func assign() -> (changed: Int, sums: [Float], sizes: [Int64]) {
    let (count, dimension, clusters) = (matrix.count, dimension, clusters)
    let chunks = (count - 1) / RowMatrix.chunk + 1
    let packed = PackedCentroids(centroids)
    var changed = [Int](repeating: 0, count: chunks)
    var sums = [Float](repeating: 0, count: chunks * clusters * dimension)
    var sizes = [Int64](repeating: 0, count: chunks * clusters)
    unsafe matrix.rows.withUnsafeScalars { rows in
      unsafe matrix.squaredNorms.withUnsafeScalars { norms in
        unsafe distances.withUnsafeMutableScalars { distances in
          unsafe assignments.indices.withUnsafeMutableBufferPointer { assignments in
            unsafe changed.withUnsafeMutableBufferPointer { changed in
              unsafe sums.withUnsafeMutableBufferPointer { sums in
                unsafe sizes.withUnsafeMutableBufferPointer { sizes in
                  guard let rows = rows.baseAddress, let norms = norms.baseAddress,
                    let distances = distances.baseAddress,
                    let assignments = assignments.baseAddress,
                    let sums = sums.baseAddress, let sizes = sizes.baseAddress
                  else { return }
                  parallelFor(count, grain: RowMatrix.chunk) { range in
                    // Safe: rows of this chunk, and the chunk's own part of the partial results.
                    let (first, chunk) = (range.lowerBound, range.lowerBound / RowMatrix.chunk)
                    unsafe changed[chunk] = packed.assign(
                      rows + first * dimension, norms + first, range.count,
                      to: assignments + first, distances + first)
                    unsafe cc_accumulate(
                      rows + first * dimension, range.count, dimension, assignments + first,
                      sums + chunk * clusters * dimension, sizes + chunk * clusters)
                  }
                }
              }
            }
          }
        }
      }
    }
    for chunk in 1..<max(chunks, 1) {
      for index in 0..<clusters * dimension {
        sums[index] += sums[chunk * clusters * dimension + index]
      }
      for index in 0..<clusters { sizes[index] += sizes[chunk * clusters + index] }
    }
    return (changed.reduce(0, +), sums, sizes)
  }

  /// Moves the centroids to the clusters' means; returns the sum of squared movements.
  private mutating func move(to sums: [Float], _ sizes: [Int64]) -> Double {
    var (sums, sizes) = (sums, sizes)
    repairEmpty(&sums, &sizes)
    var moved = 0.0
    let (clusters, dimension) = (clusters, dimension)
    let spherical = options.distance == .cosine
    centroids.withMutableScalars { centroids in
      for cluster in 0..<clusters {
        let range = cluster * dimension..<(cluster + 1) * dimension
        var scale = 1 / Float(sizes[cluster])
        if spherical {
          let square = sums[range].reduce(Float(0)) { $0 + $1 * $1 }
          scale = square > 0 ? 1 / square.squareRoot() : 0
        }
        for index in range {
          let next = sums[index] * scale
          let difference = Double(next - centroids[index])
          moved += difference * difference
          centroids[index] = next
        }
      }
    }
    return moved
  }

  /// Gives each empty cluster the row farthest from its own centroid, as scikit-learn does.
  private mutating func repairEmpty(_ sums: inout [Float], _ sizes: inout [Int64]) {
    let empty = (0..<clusters).filter { sizes[$0] == 0 }
    guard !empty.isEmpty else { return }
    let far = distances.scalars.enumerated().sorted {
      $0.element != $1.element ? $0.element > $1.element : $0.offset < $1.offset
    }
    var candidates = far.lazy.map(\.offset).makeIterator()
    for cluster in empty {
      // A cluster's last row stays where it is.
      while let row = candidates.next() {
        let old = Int(assignments.indices[row])
        guard sizes[old] > 1 else { continue }
        matrix.rows.withScalars { rows in
          for d in 0..<dimension {
            let value = rows[row * dimension + d]
            sums[old * dimension + d] -= value
            sums[cluster * dimension + d] = value
          }
        }
        assignments.indices[row] = Int32(cluster)
        sizes[old] -= 1
        sizes[cluster] = 1
        break
      }
    }
  }

  /// One mini-batch step: each drawn row pulls its centroid by one over the rows it has seen.
  /// Returns the mean squared distance of the drawn rows before the step.
  private mutating func step(
    size: Int, seen: inout [Double], using generator: inout PhiloxGenerator
  ) -> Double {
    let drawn = generator.integers(below: matrix.count, shape: [size]).indices.map(Int.init)
    let batch = RowMatrix(checked: matrix.gather(drawn))
    let (nearest, distances) = PackedCentroids(centroids).nearest(to: batch)
    let (dimension, directions) = (dimension, options.distance == .cosine ? clusters : 0)
    batch.rows.withScalars { rows in
      centroids.withMutableScalars { centroids in
        for (row, cluster) in nearest.enumerated() {
          seen[cluster] += 1
          let rate = Float(1 / seen[cluster])
          for d in 0..<dimension {
            let old = centroids[cluster * dimension + d]
            centroids[cluster * dimension + d] = old + rate * (rows[row * dimension + d] - old)
          }
        }
        for cluster in 0..<directions {
          let range = cluster * dimension..<(cluster + 1) * dimension
          let square = range.reduce(Float(0)) { $0 + centroids[$1] * centroids[$1] }
          guard square > 0 else { continue }
          for index in range { centroids[index] /= square.squareRoot() }
        }
      }
    }
    return distances.reduce(0.0) { $0 + Double($1) } / Double(size)
  }
}

/// When mini-batches no longer help: the smoothed inertia has not fallen for ten steps, as in
/// scikit-learn.
private struct MiniBatchProgress {
  private let share: Double
  private var smoothed: Double?
  private var least = Double.infinity
  private var idle = 0

  var isOver: Bool { idle >= 10 }

  init(batch: Int, rows: Int) { share = min(2 * Double(batch) / Double(rows + 1), 1) }

  mutating func add(_ inertia: Double) {
    let value = smoothed.map { $0 + share * (inertia - $0) } ?? inertia
    smoothed = value
    idle = value < least ? 0 : idle + 1
    least = min(least, value)
  }
}
