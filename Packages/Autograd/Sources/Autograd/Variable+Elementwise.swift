public import Tensor

/// Elementwise functions.
extension Variable {
  /// The rectified linear unit, `max(x, 0)`; the gradient at 0 is 0, as in PyTorch.
  public func relu() -> Variable { activated(.relu, value.relu()) }

  /// `min(max(x, 0), 6)`; the gradient at the kinks is 0, as in PyTorch.
  public func relu6() -> Variable { activated(.relu6, value.relu6()) }

  private func activated(_ activation: FusedActivation, _ output: Tensor) -> Variable {
    Variable(output, parents: [self]) { [activation.gradient($0, output: output)] }
  }

  /// `x` where positive, else `slope * x`.
  public func leakyRelu(slope: Float = 0.01) -> Variable {
    let input = value
    return Variable(input.leakyRelu(slope: slope), parents: [self]) { upstream in
      [upstream * (input.greater(than: 0) * (1 - slope) + slope)]
    }
  }

  /// The logistic function `1 / (1 + e^-x)`.
  public func sigmoid() -> Variable {
    let output = value.sigmoid()
    return Variable(output, parents: [self]) { [$0 * (output * (1 - output))] }
  }

  /// The hyperbolic tangent.
  public func tanh() -> Variable {
    let output = value.tanh()
    return Variable(output, parents: [self]) { [$0 * (1 - output.squared())] }
  }

  /// `log(1 + e^x)`, without overflow.
  public func softplus() -> Variable {
    let input = value
    return Variable(input.softplus(), parents: [self]) { [$0 * input.sigmoid()] }
  }

  /// `log(sigmoid(x))`, without overflow.
  public func logSigmoid() -> Variable { -(-self).softplus() }

  /// The exponential.
  public func exp() -> Variable {
    let output = value.exp()
    return Variable(output, parents: [self]) { [$0 * output] }
  }

  /// The natural logarithm.
  public func log() -> Variable {
    let input = value
    return Variable(input.log(), parents: [self]) { [$0 / input] }
  }

  /// `log(1 + x)`, accurate near 0.
  public func log1p() -> Variable {
    let input = value
    return Variable(input.log1p(), parents: [self]) { [$0 / (input + 1)] }
  }

  /// The square root; its gradient at 0 is infinite.
  public func squareRoot() -> Variable {
    let output = value.squareRoot()
    return Variable(output, parents: [self]) { [$0 / (output * 2)] }
  }

  /// `1 / sqrt(x)`.
  public func reciprocalSquareRoot() -> Variable {
    let output = value.reciprocalSquareRoot()
    return Variable(output, parents: [self]) { [$0 * output * output.squared() * -0.5] }
  }

  /// `1 / x`.
  public func reciprocal() -> Variable {
    let output = value.reciprocal()
    return Variable(output, parents: [self]) { [-($0 * output.squared())] }
  }

  /// `x * x`.
  public func squared() -> Variable {
    let input = value
    return Variable(input.squared(), parents: [self]) { [$0 * input * 2] }
  }

  /// `x^exponent`.
  public func power(_ exponent: Float) -> Variable {
    let input = value
    return Variable(input.power(exponent), parents: [self]) { upstream in
      [exponent == 0 ? upstream * 0 : upstream * input.power(exponent - 1) * exponent]
    }
  }

  /// The magnitude; the gradient at 0 is 0.
  public func abs() -> Variable {
    let input = value
    return Variable(input.abs(), parents: [self]) { [$0 * input.sign()] }
  }

  /// `min(max(x, low), high)`; the gradient is 1 from `low` to `high`, both included, as in PyTorch.
  public func clamped(_ low: Float, _ high: Float) -> Variable {
    let input = value
    let output = input.clamped(low, high)
    return Variable(output, parents: [self]) { [$0 * input.equal(to: output)] }
  }

  /// Elements where the mask is not 0, else those of `other`: `torch.where`. Mask and `other` are
  /// stretched to this variable's shape.
  public func replacing(with other: Variable, whereZero mask: Tensor) -> Variable {
    let output = value.replacing(with: other.value, whereZero: mask)
    let otherShape = other.shape
    let required = (requiresGradient, other.requiresGradient)
    return Variable(output, parents: [self, other]) { upstream in
      let zero = Tensor(0)
      let kept = required.0 ? upstream.replacing(with: zero, whereZero: mask) : nil
      guard required.1 else { return [kept, nil] }
      let replaced = Tensor.zeros(upstream.shape).replacing(with: upstream, whereZero: mask)
      return [kept, replaced.reduced(to: otherShape)]
    }
  }
}
