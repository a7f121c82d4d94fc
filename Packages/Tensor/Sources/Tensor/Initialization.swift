/// Which of a weight's two fans an initialisation keeps the variance over.
public enum FanMode: Sendable, Hashable {
  /// Inputs of one output: keeps the variance in the forward pass.
  case `in`
  /// Outputs of one input: keeps the variance in the backward pass.
  case out
}

/// What follows a weight, and by how much its variance must make up for that.
public enum Nonlinearity: Sendable, Hashable {
  /// Nothing: gain 1.
  case linear
  /// `max(x, 0)`: gain sqrt(2).
  case relu
  /// `x` where positive, else `slope * x`: gain sqrt(2 / (1 + slope^2)).
  ///
  /// PyTorch initialises its own convolution and linear layers by `kaimingUniform` with slope
  /// sqrt(5): numbers within `1 / sqrt(fan in)`.
  case leakyRelu(slope: Float)

  /// The gain.
  public var gain: Float {
    switch self {
    case .linear: 1
    case .relu: Float(2).squareRoot()
    case .leakyRelu(let slope): (2 / (1 + slope * slope)).squareRoot()
    }
  }
}

/// Random weights, by PyTorch's rules for fans.
///
/// A convolution weight is `[KH, KW, C / groups, O]`: its fan in is `KH * KW * C / groups`, its fan
/// out `KH * KW * O`. A linear weight is `[O, I]`.
extension Tensor {
  /// Normal numbers of deviation `gain / sqrt(fan)` (He et al., https://arxiv.org/abs/1502.01852).
  public static func kaimingNormal(
    _ shape: Shape, fan: FanMode = .in, _ nonlinearity: Nonlinearity = .relu,
    using generator: inout PhiloxGenerator
  ) -> Tensor {
    generator.normal(
      shape: shape,
      standardDeviation: nonlinearity.gain / shape.fan(fan, "kaimingNormal").squareRoot())
  }

  /// Uniform numbers of deviation `gain / sqrt(fan)` (He et al., https://arxiv.org/abs/1502.01852).
  public static func kaimingUniform(
    _ shape: Shape, fan: FanMode = .in, _ nonlinearity: Nonlinearity = .relu,
    using generator: inout PhiloxGenerator
  ) -> Tensor {
    let deviation = nonlinearity.gain / shape.fan(fan, "kaimingUniform").squareRoot()
    let bound = Float(3).squareRoot() * deviation
    return generator.uniform(shape: shape, in: -bound..<bound)
  }

  /// Normal numbers of deviation `gain * sqrt(2 / (fan in + fan out))` (Glorot and Bengio, AISTATS
  /// 2010).
  public static func xavierNormal(
    _ shape: Shape, gain: Float = 1, using generator: inout PhiloxGenerator
  ) -> Tensor {
    let fans = shape.fan(.in, "xavierNormal") + shape.fan(.out, "xavierNormal")
    return generator.normal(shape: shape, standardDeviation: gain * (2 / fans).squareRoot())
  }

  /// Uniform numbers of deviation `gain * sqrt(2 / (fan in + fan out))` (Glorot and Bengio, AISTATS
  /// 2010).
  public static func xavierUniform(
    _ shape: Shape, gain: Float = 1, using generator: inout PhiloxGenerator
  ) -> Tensor {
    let fans = shape.fan(.in, "xavierUniform") + shape.fan(.out, "xavierUniform")
    let bound = gain * (6 / fans).squareRoot()
    return generator.uniform(shape: shape, in: -bound..<bound)
  }
}

extension Shape {
  fileprivate func fan(_ mode: FanMode, _ operation: String) -> Float {
    check(
      (rank == 2 || rank == 4) && elementCount > 0,
      "\(operation): \(self), expected [KH, KW, C / groups, O] or [O, I], none of them 0")
    let isConvolution = rank == 4
    let taps = isConvolution ? self[0] * self[1] : 1
    let (inputs, outputs) = isConvolution ? (self[2], self[3]) : (self[1], self[0])
    return Float(taps * (mode == .in ? inputs : outputs))
  }
}
