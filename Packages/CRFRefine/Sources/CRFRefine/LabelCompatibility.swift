public import Tensor

/// The energy of two pixels having two labels, times their similarity.
public enum LabelCompatibility: Sendable, Equatable {
  /// Labels that differ cost this much; all differences are alike.
  case potts(Float)
  /// Labels that agree cost an energy of their own; negative ones reward agreement. `[K]`.
  case perLabel([Float])
  /// Every pair of labels costs its own energy. `[K, K]`, used as (M + transposed M) / 2.
  case matrix(Tensor)

  /// The energies of all pairs, row-major, where they are not Potts'.
  func energies(labels: Int) throws(CRFRefineError) -> [Float]? {
    switch self {
    case .potts(let weight):
      try Self.check([weight])
      return nil
    case .perLabel(let diagonal):
      guard diagonal.count == labels else {
        throw CRFRefineError(
          "CRF: compatibility for \(diagonal.count) labels, the unary has \(labels)")
      }
      try Self.check(diagonal)
      var energies = [Float](repeating: 0, count: labels * labels)
      for label in 0..<labels { energies[label * labels + label] = diagonal[label] }
      return energies
    case .matrix(let matrix):
      guard matrix.shape == [labels, labels] else {
        throw CRFRefineError(
          "CRF: compatibility of shape \(matrix.shape), expected [\(labels), \(labels)]")
      }
      let transposed = matrix.transposed([1, 0]).scalars
      let energies = zip(matrix.scalars, transposed).map { ($0 + $1) / 2 }
      try Self.check(energies)
      return energies
    }
  }

  private static func check(_ energies: [Float]) throws(CRFRefineError) {
    if let wrong = energies.first(where: { !$0.isFinite }) {
      throw CRFRefineError("CRF: a compatibility is \(wrong), expected a finite number")
    }
  }
}
