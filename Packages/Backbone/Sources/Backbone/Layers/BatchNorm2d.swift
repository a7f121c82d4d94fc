public import Autograd
internal import Tensor

/// Batch norm over the channels of images.
///
/// Behind a `Convolution2d` that is given it, or in one `Sequential` with it, a norm with fixed
/// statistics costs nothing: it is folded into the convolution. Ioffe and Szegedy, 2015.
public final class BatchNorm2d: Layer, ModeDependent {
  /// What changes in training.
  public enum Mode: Sendable, Hashable {
    /// Statistics of the batch, which move the running ones; scale and shift train.
    case training
    /// Running statistics as they are; scale and shift train.
    case fixedStatistics
    /// Running statistics as they are; scale and shift are constants.
    case frozen
  }

  /// The scale of each channel.
  public let weight: Parameter
  /// The shift of each channel.
  public let bias: Parameter
  /// The running mean of each channel.
  public let runningMean: Buffer
  /// The running variance of each channel.
  public let runningVar: Buffer
  /// The number of batches the running statistics have seen.
  public let numBatchesTracked: Buffer
  /// Added to the variance.
  public let epsilon: Float
  /// The share of a batch in the running statistics.
  public let momentum: Float
  /// Whether the model is being trained.
  public var isTraining = true
  /// What changes in training.
  public var mode: Mode = .training {
    didSet {
      weight.isFrozen = mode == .frozen
      bias.isFrozen = mode == .frozen
    }
  }

  /// Creates a norm that does nothing yet: mean and shift 0, variance and scale 1.
  public init(channels: Int, epsilon: Float = 1e-5, momentum: Float = 0.1) {
    weight = Parameter(.ones([channels]))
    bias = Parameter(.zeros([channels]))
    runningMean = Buffer(.zeros([channels]))
    runningVar = Buffer(.ones([channels]))
    numBatchesTracked = Buffer(Tensor(0))
    (self.epsilon, self.momentum) = (epsilon, momentum)
  }

  /// Whether the next call takes the statistics of its batch.
  public var usesBatchStatistics: Bool { isTraining && mode == .training }

  /// Normalises `[N, H, W, C]`.
  public func callAsFunction(_ input: Variable) -> Variable {
    guard usesBatchStatistics else {
      let statistics = BatchNormStatistics(mean: runningMean.value, variance: runningVar.value)
      let output = input.batchNormalized(statistics, gamma: weight, beta: bias, epsilon: epsilon)
      Trace.record(.batchNorm(self), [input], output)
      return output
    }
    let (output, statistics) = input.batchNormalized(gamma: weight, beta: bias, epsilon: epsilon)
    // A block computed again during backward has already been counted.
    if !isRecomputing {
      statistics.updateRunning(
        mean: &runningMean.value, variance: &runningVar.value, momentum: momentum)
      numBatchesTracked.value = numBatchesTracked.value + 1
    }
    Trace.record(.batchNorm(self), [input], output)
    return output
  }
}

extension Module {
  /// Sets the mode of every batch norm in the module.
  public func setBatchNorm(_ mode: BatchNorm2d.Mode) {
    for case let norm as BatchNorm2d in modules { norm.mode = mode }
  }
}
