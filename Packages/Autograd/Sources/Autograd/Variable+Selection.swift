public import Tensor

extension Variable {
  /// Another value in forward, the identity in backward: for a rounding or a choice that has no
  /// gradient of its own.
  ///
  /// Bengio, Léonard, Courville, 2013 (https://arxiv.org/abs/1308.3432).
  ///
  /// - Precondition: The value is of the same shape.
  public func straightThrough(_ replacement: Tensor) -> Variable {
    check(replacement.shape == shape, "straightThrough: \(replacement.shape) for \(shape)")
    return Variable(replacement, parents: [self]) { [$0] }
  }

  /// The mean of the elements a mask keeps: `sum(mask * value) / sum(mask)`; 0 where it keeps none.
  ///
  /// - Parameter mask: Weights of 0 or more, usually 0 and 1, of the same shape; a constant.
  /// - Returns: A scalar.
  public func maskedMean(_ mask: Tensor) -> Variable {
    check(mask.shape == shape, "maskedMean: mask of shape \(mask.shape) for \(shape)")
    let total = mask.doubleSum
    let factor = total > 0 ? 1 / total : 0
    return Variable(Tensor(Float(value.dot(mask) * factor)), parents: [self]) { upstream in
      [mask.scaled(by: Float(factor) * upstream.scalar)]
    }
  }
}
