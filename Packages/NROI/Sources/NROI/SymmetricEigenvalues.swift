/// The eigenvalues of a symmetric matrix, largest first, by cyclic Jacobi rotations.
///
/// Golub and Van Loan, Matrix Computations, section 8.5. O(n^3) a sweep, a few sweeps.
///
/// - Parameters:
///   - matrix: `n * n` values, row-major.
///   - size: n.
/// - Returns: n values.
func symmetricEigenvalues(_ matrix: [Double], size: Int) -> [Double] {
  var a = matrix
  let scale = a.reduce(0) { $0 + $1 * $1 }
  func offDiagonal() -> Double {
    var sum = 0.0
    for row in 0..<size {
      for column in row + 1..<max(size, row + 1) {
        sum += a[row * size + column] * a[row * size + column]
      }
    }
    return sum
  }
  for _ in 0..<50 where offDiagonal() > 1e-24 * scale {
    for p in 0..<size {
      for q in p + 1..<max(size, p + 1) where a[p * size + q] != 0 {
        let theta = (a[q * size + q] - a[p * size + p]) / (2 * a[p * size + q])
        let t = (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
        let c = 1 / (t * t + 1).squareRoot()
        let s = t * c
        for k in 0..<size {
          let (x, y) = (a[k * size + p], a[k * size + q])
          a[k * size + p] = c * x - s * y
          a[k * size + q] = s * x + c * y
        }
        for k in 0..<size {
          let (x, y) = (a[p * size + k], a[q * size + k])
          a[p * size + k] = c * x - s * y
          a[q * size + k] = s * x + c * y
        }
      }
    }
  }
  return (0..<size).map { a[$0 * size + $0] }.sorted(by: >)
}
