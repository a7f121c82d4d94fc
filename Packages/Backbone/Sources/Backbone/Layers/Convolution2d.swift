public import Autograd
public import Tensor

/// A 2-d convolution, with the batch norm and the activation that follow it where there are any.
///
/// Its weight is `[KH, KW, C / groups, O]`; in checkpoints PyTorch's `[O, C / groups, KH, KW]`.
public final class Convolution2d: AbsorbingLayer {
  /// What is added around the image.
  public enum Padding: Sendable, Hashable {
    /// The same number of zeros on all four sides.
    case zeros(Int)
    /// TensorFlow's SAME padding: as many outputs as `size / stride`, rounded up, the odd zero at
    /// the bottom and on the right.
    case same
  }

  /// How weights start.
  public enum Initialization: Sendable, Hashable {
    /// PyTorch's for a convolution: weight and bias uniform within `1 / sqrt(fan in)`.
    case uniform
    /// Kaiming normal over the fan out and a bias of 0, as torchvision's networks start. Not for a
    /// layer of few outputs, such as a classifier: those would start in the tens.
    case kaimingNormal
  }

  /// `[KH, KW, C / groups, O]`.
  public let weight: Parameter
  /// `[O]`, or `nil`.
  public let bias: Parameter?
  /// The step of the kernel.
  public let stride: Int
  /// What is added around the image.
  public let padding: Padding
  /// The distance of the kernel's taps.
  public let dilation: Int
  /// The number of groups channels are split into.
  public let groups: Int

  /// Creates a convolution with random weights.
  ///
  /// - Precondition: `groups` divides both numbers of channels.
  public init(
    inChannels: Int, outChannels: Int, kernelSize: Int, stride: Int = 1,
    padding: Padding = .zeros(0), dilation: Int = 1, groups: Int = 1, bias: Bool = false,
    initialization: Initialization = .uniform, using generator: inout PhiloxGenerator
  ) {
    check(
      groups >= 1 && inChannels % groups == 0 && outChannels % groups == 0,
      "Convolution2d: \(groups) groups do not divide \(inChannels) and \(outChannels) channels")
    let shape: Shape = [kernelSize, kernelSize, inChannels / groups, outChannels]
    let (start, shift): (Tensor, Tensor)
    switch initialization {
    case .uniform:
      start = .kaimingUniform(shape, .leakyRelu(slope: Float(5).squareRoot()), using: &generator)
      let bound = 1 / Float(kernelSize * kernelSize * inChannels / groups).squareRoot()
      shift =
        bias ? generator.uniform(shape: [outChannels], in: -bound..<bound) : .zeros([outChannels])
    case .kaimingNormal:
      start = .kaimingNormal(shape, fan: .out, using: &generator)
      shift = .zeros([outChannels])
    }
    weight = Parameter(start, checkpointAxes: [3, 2, 0, 1])
    self.bias = bias ? Parameter(shift) : nil
    (self.stride, self.padding, self.dilation, self.groups) = (stride, padding, dilation, groups)
  }

  /// Applies the convolution: `[N, H, W, C]` to `[N, H', W', O]`.
  public func callAsFunction(_ input: Variable) -> Variable { self(input, norm: nil) }

  /// `activation(norm(convolution(input)) + residual)`.
  ///
  /// A norm with fixed statistics is folded into the convolution, in training as in inference, and
  /// the rest runs while the result is still in registers.
  ///
  /// - Parameters:
  ///   - input: `[N, H, W, C]`.
  ///   - norm: The batch norm behind the convolution.
  ///   - activation: What is applied last.
  ///   - residual: Added before the activation, of the result's shape.
  /// - Returns: `[N, H', W', O]`.
  public func callAsFunction(
    _ input: Variable, norm: BatchNorm2d?, activation: FusedActivation = .none,
    residual: Variable? = nil
  ) -> Variable {
    let parameters = parameters(for: input.shape)
    guard let norm else {
      let output = input.convolution2d(
        weight, bias: bias, parameters, activation: activation, residual: residual)
      Trace.record(
        .convolution(self, nil, parameters, activation), [input, residual], output)
      return output
    }
    guard bias == nil && !norm.usesBatchStatistics else {
      let normalized = norm(self(input))
      return (residual.map { normalized.plus($0) } ?? normalized).activated(activation)
    }
    let output = input.convolution2dBatchNorm(
      weight, gamma: norm.weight, beta: norm.bias, mean: norm.runningMean.value,
      variance: norm.runningVar.value, epsilon: norm.epsilon, parameters, activation: activation,
      residual: residual)
    Trace.record(.convolution(self, norm, parameters, activation), [input, residual], output)
    return output
  }

  /// Applies the convolution and the batch norm and activation that follow.
  public func callAsFunction(
    _ input: Variable, absorbing following: inout ArraySlice<any Layer>
  ) -> Variable {
    let norm = following.first as? BatchNorm2d
    if norm != nil { following.removeFirst() }
    let activation = following.first as? Activation
    if activation != nil { following.removeFirst() }
    return self(input, norm: norm, activation: activation?.kind ?? .none)
  }

  private func parameters(for shape: Shape) -> Convolution2dParameters {
    let zeros: Padding2d
    switch padding {
    case .zeros(let count): zeros = Padding2d(count)
    case .same:
      check(shape.rank == 4, "Convolution2d: input \(shape), expected [N, H, W, C]")
      zeros = .same(
        height: shape[1], width: shape[2], kernelSize: weight.shape[0], stride: stride,
        dilation: dilation)
    }
    return Convolution2dParameters(
      stride: stride, padding: zeros, dilation: dilation, groups: groups)
  }
}
