internal import CAutograd
internal import Tensor

/// Stochastic gradient descent with momentum, as `torch.optim.SGD` with dampening 0.
///
/// `d = gradient + weightDecay * p`, `v = momentum * v + d`, then `p -= learningRate * v`, or with
/// Nesterov's look-ahead `p -= learningRate * (d + momentum * v)`.
public final class SGD: Optimizer {
  /// The share of the last step kept in the next, 0 up to 1.
  public let momentum: Double
  /// Whether a step looks ahead along the momentum.
  public let isNesterov: Bool

  /// Creates an optimiser.
  ///
  /// - Parameters:
  ///   - groups: The parameters and their rates.
  ///   - momentum: The share of the last step kept in the next, 0 up to 1.
  ///   - nesterov: Whether a step looks ahead along the momentum; needs a momentum above 0.
  ///   - schedule: The factor of the learning rate at each step.
  public init(
    _ groups: [ParameterGroup], momentum: Double = 0, nesterov: Bool = false,
    schedule: Schedule = .constant
  ) {
    check(momentum >= 0 && momentum < 1, "SGD: momentum \(momentum) is not in 0..<1")
    check(!nesterov || momentum > 0, "SGD: Nesterov's look-ahead needs a momentum above 0")
    self.momentum = momentum
    isNesterov = nesterov
    super.init(groups, schedule: schedule)
  }

  override var averageNames: [String] { momentum > 0 ? ["momentum"] : [] }

  override func update(
    _ value: inout Tensor, _ gradient: Tensor, _ slot: inout Slot, learningRate: Double,
    weightDecay: Double
  ) {
    let settings = ca_sgd(
      learning_rate: Float(learningRate), weight_decay: Float(weightDecay),
      momentum: Float(momentum), nesterov: isNesterov)
    func step(average: UnsafeMutableBufferPointer<Float>?) {
      let count = value.count
      unsafe value.withUnsafeMutableScalars { value in
        unsafe gradient.withUnsafeScalars { gradient in
          guard let value = value.baseAddress, let gradient = gradient.baseAddress else { return }
          let average = unsafe average?.baseAddress
          parallelFor(count, grain: optimizerGrain) { range in
            // Safe: all hold `count` floats, and chunks do not overlap.
            unsafe ca_sgd_step(
              settings, value, average, gradient, range.lowerBound, range.upperBound)
          }
        }
      }
    }
    if momentum > 0 {
      unsafe slot.averages[0].withUnsafeMutableScalars { unsafe step(average: $0) }
    } else {
      step(average: nil)
    }
  }
}

/// Elements a chunk of an optimiser's update.
let optimizerGrain = 1 << 15
