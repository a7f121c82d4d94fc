internal import Foundation
public import Tensor

/// How varied rows are: whether a memory of background semantics holds many things or one.
///
/// A bank that collapses shows in all four: groups no further apart than they are wide, a rank near
/// 1, and rows that are all near duplicates.
public struct Diversity: Sendable, Hashable, Codable {
  /// Rows that were measured.
  public let rows: Int
  /// The mean distance of a row to the centroid of its group.
  public let withinDistance: Double
  /// The mean distance of two groups' centroids; 0 for a single group.
  public let betweenDistance: Double
  /// The number of directions the rows spread over, 1...D: e to the entropy of the singular values,
  /// as shares of their sum, of the rows without their mean. 0 where all rows are equal.
  ///
  /// Roy and Vetterli, EUSIPCO 2007.
  public let effectiveRank: Double
  /// The share of rows with another row at a cosine of at least `duplicateCosine`, 0...1.
  public let nearDuplicates: Double

  /// Measures rows.
  ///
  /// - Parameters:
  ///   - rows: `[N, D]`, finite, `N` 1 or more.
  ///   - clustering: Makes the groups of the within and between distances.
  ///   - duplicateCosine: From which cosine on a row is a near duplicate of another.
  ///   - sample: Rows measured at the most, drawn without replacement where there are more.
  ///   - generator: The source of the sample and of the grouping.
  /// - Throws: `ClusteringError` where a row is not finite or there is none.
  /// - Complexity: O(`sample`^2 D + D^3); memory does not grow with `sample`^2.
  public init(
    of rows: Tensor, clustering: some Clustering = KMeans(), duplicateCosine: Float = 0.99,
    sample: Int = 4096, using generator: inout PhiloxGenerator
  ) throws(ClusteringError) {
    check(sample >= 1, "Diversity: a sample of \(sample), expected 1 or more")
    var matrix = try RowMatrix(rows, distance: .euclidean)
    if matrix.count > sample {
      let drawn = generator.permutation(matrix.count).indices.prefix(sample).map(Int.init).sorted()
      matrix = RowMatrix(checked: matrix.gather(drawn))
    }
    let groups = try clustering.cluster(matrix.rows, using: &generator)
    self.rows = matrix.count
    withinDistance = Self.within(matrix.rows, groups)
    betweenDistance = Self.between(groups.centroids)
    effectiveRank = Self.effectiveRank(matrix.rows)
    nearDuplicates = Self.nearDuplicates(matrix, cosine: duplicateCosine)
  }

  private static func within(_ rows: Tensor, _ groups: Clusters) -> Double {
    let dimension = rows.shape[1]
    let (values, centroids) = (rows.scalars, groups.centroids.scalars)
    var (sum, count) = (0.0, 0)
    for (row, group) in groups.assignments.indices.enumerated() where group >= 0 {
      sum += distance(
        values[row * dimension..<(row + 1) * dimension],
        centroids[Int(group) * dimension..<(Int(group) + 1) * dimension])
      count += 1
    }
    return count > 0 ? sum / Double(count) : 0
  }

  private static func between(_ centroids: Tensor) -> Double {
    let (count, dimension) = (centroids.shape[0], centroids.shape[1])
    let values = centroids.scalars
    var sum = 0.0
    for first in 0..<count {
      for second in first + 1..<max(count, first + 1) {
        sum += distance(
          values[first * dimension..<(first + 1) * dimension],
          values[second * dimension..<(second + 1) * dimension])
      }
    }
    return count > 1 ? sum / Double(count * (count - 1) / 2) : 0
  }

  private static func distance(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
    zip(a, b).reduce(0.0) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) }
      .squareRoot()
  }

  private static func effectiveRank(_ rows: Tensor) -> Double {
    let (count, dimension) = (rows.shape[0], rows.shape[1])
    var centered = rows.scalars.map(Double.init)
    for d in 0..<dimension {
      let mean = (0..<count).reduce(0.0) { $0 + centered[$1 * dimension + d] } / Double(count)
      for row in 0..<count { centered[row * dimension + d] -= mean }
    }
    var covariance = [Double](repeating: 0, count: dimension * dimension)
    let source = centered
    unsafe covariance.withUnsafeMutableBufferPointer { covariance in
      parallelFor(dimension, grain: 8) { range in
        for row in 0..<count {
          for i in range {
            let value = source[row * dimension + i]
            for j in 0..<dimension {
              // Safe: i and j are in 0..<dimension, and a chunk writes its own rows.
              unsafe covariance[i * dimension + j] += value * source[row * dimension + j]
            }
          }
        }
      }
    }
    let singular = symmetricEigenvalues(covariance, size: dimension).map { max($0, 0).squareRoot() }
    // Below what the rounding of the rows leaves of a direction that is not there.
    let spread = singular.filter { $0 > 1e-7 * singular[0] }
    let total = spread.reduce(0, +)
    guard total > 0 else { return 0 }
    return exp(spread.reduce(0.0) { $0 - $1 / total * log($1 / total) })
  }

  /// Cosines block by block, so that memory does not grow with the square of the rows.
  private static func nearDuplicates(_ matrix: RowMatrix, cosine: Float) -> Double {
    let (count, block) = (matrix.count, 256)
    let directions = RowMatrix(
      checked: RowMatrix.normalized(matrix.rows, squaredNorms: matrix.squaredNorms.scalars))
    var duplicates = 0
    for first in stride(from: 0, to: count, by: block) {
      let rows = first..<min(first + block, count)
      let cosines = directions.gather(Array(rows))
        .matmul(directions.rows, transposeOther: true)
      cosines.withScalars { cosines in
        for row in rows {
          let start = (row - first) * count
          if (0..<count).contains(where: { $0 != row && cosines[start + $0] >= cosine }) {
            duplicates += 1
          }
        }
      }
    }
    return Double(duplicates) / Double(count)
  }
}

extension MemoryBank {
  /// How varied the bank's rows are.
  ///
  /// - Parameters:
  ///   - sample: Rows measured at the most, drawn without replacement.
  ///   - generator: The source of the sample and of the grouping.
  /// - Returns: The measures; `nil` for an empty bank.
  /// - Throws: `ClusteringError` where a row is not finite.
  public func diversity(
    sample: Int = 4096, using generator: inout PhiloxGenerator
  ) throws(ClusteringError) -> Diversity? {
    guard count > 0 else { return nil }
    return try Diversity(of: filledRows, sample: sample, using: &generator)
  }
}
