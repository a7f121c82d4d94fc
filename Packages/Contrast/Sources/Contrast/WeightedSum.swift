internal import Autograd
internal import Tensor

/// The sum of scalars times constants.
func weightedSum(_ terms: [(Variable, Float)]) -> Variable {
  let sum = terms.reduce(0.0) { $0 + Double($1.0.value.scalar) * Double($1.1) }
  let weights = terms.map(\.1)
  return Variable(Tensor(Float(sum)), parents: terms.map(\.0)) { upstream in
    weights.map { Tensor(upstream.scalar * $0) }
  }
}
