public import Autograd
public import Tensor

/// Describes where the gradients of a function differ from central differences; `nil` where they
/// agree. For `#expect(gradientMismatch(at: [x, y]) { $0[0] + $0[1] } == nil)`.
///
/// What is differentiated is `sum(u * function(inputs))` in `Double`, with a fixed `u` of mixed
/// signs, so that errors do not cancel. Close means
/// `|gradient - difference| <= relative * (|difference| + 0.1 * max|difference|)`. Each input is
/// also differentiated alone, the others being constants, and must get the same gradient.
///
/// - Parameters:
///   - inputs: Where; keep a distance of `step` from kinks such as that of `relu` at 0.
///   - relative: The tolerance.
///   - step: Half the distance of a difference, for values up to 1; larger ones step in proportion.
///   - function: Deterministic; receives the inputs as variables. Any result shape.
/// - Returns: The first difference found, with input, element and both derivatives.
public func gradientMismatch(
  at inputs: [Tensor], relative: Float = 1e-2, step: Float = 1e-2,
  _ function: ([Variable]) -> Variable
) -> String? {
  let upstream = mixedSigns(function(inputs.map { Variable($0) }).shape)
  let weights = upstream.scalars.map(Double.init)

  func objective(_ inputs: [Tensor]) -> Double {
    let result = function(inputs.map { Variable($0) }).value
    return zip(weights, result.scalars).reduce(0) { $0 + $1.0 * Double($1.1) }
  }

  func gradients(requiring isRequired: (Int) -> Bool) -> [Tensor] {
    let variables = inputs.enumerated().map { Variable($1, requiresGradient: isRequired($0)) }
    let result = function(variables)
    if result.requiresGradient { result.backward(with: upstream) }
    return variables.map { $0.gradient ?? .zeros($0.shape) }
  }

  let together = gradients { _ in true }
  for (index, input) in inputs.enumerated() {
    let differences = centralDifferences(at: input, step: step) { moved in
      var inputs = inputs
      inputs[index] = moved
      return objective(inputs)
    }
    let alone = gradients { $0 == index }[index]
    for (gradient, label) in [(together[index], ""), (alone, ", the others constant")] {
      if let mismatch = mismatch(gradient.scalars, differences, relative: Double(relative)) {
        return "input \(index) of shape \(input.shape)\(label): \(mismatch)"
      }
    }
  }
  return nil
}

private func centralDifferences(
  at input: Tensor, step: Float, _ objective: (Tensor) -> Double
) -> [Double] {
  let scalars = input.scalars
  return scalars.indices.map { index in
    let distance = step * max(abs(scalars[index]), 1)
    // What the sums round to is the true distance.
    let (above, below) = (scalars[index] + distance, scalars[index] - distance)
    let values = [above, below].map { moved in
      var copy = scalars
      copy[index] = moved
      return objective(Tensor(copy, shape: input.shape))
    }
    return (values[0] - values[1]) / (Double(above) - Double(below))
  }
}

private func mismatch(
  _ gradient: [Float], _ differences: [Double], relative: Double
) -> String? {
  let largest = differences.reduce(0) { max($0, abs($1)) }
  for (index, (found, expected)) in zip(gradient, differences).enumerated() {
    let tolerance = relative * (abs(expected) + 0.1 * max(largest, 1e-3))
    // Not `error > tolerance`: NaN must fail.
    guard abs(Double(found) - expected) <= tolerance else {
      return "element \(index): gradient \(found), central difference \(expected)"
    }
  }
  return nil
}

/// Fixed weights with magnitudes of 0.5 to 1.5 and both signs, from a small congruential generator.
private func mixedSigns(_ shape: Shape) -> Tensor {
  var state: UInt32 = 2_463_534_242
  return Tensor(
    (0..<shape.elementCount).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      let magnitude = 0.5 + Float(state >> 8) / Float(1 << 24)
      return state & 0x80 == 0 ? magnitude : -magnitude
    }, shape: shape)
}
