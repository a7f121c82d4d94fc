internal import Foundation

extension Array where Element == Float {
  /// Shares proportional to the exponentials; they sum to 1.
  var softmax: [Float] {
    let largest = self.max() ?? 0
    let exponentials = map { exp(Double($0 - largest)) }
    let total = exponentials.reduce(0, +)
    return exponentials.map { Float($0 / total) }
  }
}
