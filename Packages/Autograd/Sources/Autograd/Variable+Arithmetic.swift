internal import Tensor

extension Variable {
  /// The elementwise sum of two variables of one shape.
  public static func + (lhs: Variable, rhs: Variable) -> Variable {
    check(lhs.shape == rhs.shape, "+: \(lhs.shape) and \(rhs.shape): shapes differ")
    var sum = lhs.value
    sum.accumulate(rhs.value)
    return Variable(sum, parents: [lhs, rhs]) { upstream in [upstream, upstream] }
  }
}
