internal import Tensor

/// The symmetric matrix of all rows' distances.
struct PairDistances {
  private var values: [Float]
  private let count: Int

  init(_ matrix: RowMatrix, squared: Bool) {
    count = matrix.count
    values = []
    values.reserveCapacity(count * count)
    for row in 0..<count {
      let distances = matrix.squaredDistances(toRow: row)
      values += squared ? distances : distances.map { $0.squareRoot() }
    }
  }

  subscript(first: Int, second: Int) -> Float {
    get { values[first * count + second] }
    set {
      values[first * count + second] = newValue
      values[second * count + first] = newValue
    }
  }
}
