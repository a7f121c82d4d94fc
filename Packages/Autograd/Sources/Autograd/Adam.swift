internal import CAutograd
internal import Foundation
internal import Tensor

/// Adam, as `torch.optim.Adam` (weight decay added to the gradient) and `torch.optim.AdamW` (weight
/// decay shrinks the parameter itself) define it, without amsgrad.
///
/// Kingma and Ba, ICLR 2015 (https://arxiv.org/abs/1412.6980); Loshchilov and Hutter, ICLR 2019
/// (https://arxiv.org/abs/1711.05101).
public class Adam: Optimizer {
  /// The decay rates of the averages of gradient and squared gradient.
  public final let betas: (first: Double, second: Double)
  /// Added to the root of the squared gradient's average.
  public final let epsilon: Double

  /// Creates an optimiser.
  ///
  /// - Parameters:
  ///   - groups: The parameters and their rates.
  ///   - betas: The decay rates of the averages of gradient and squared gradient, each in 0..<1.
  ///   - epsilon: Added to the root of the squared gradient's average.
  ///   - schedule: The factor of the learning rate at each step.
  public init(
    _ groups: [ParameterGroup], betas: (first: Double, second: Double) = (0.9, 0.999),
    epsilon: Double = 1e-8, schedule: Schedule = .constant
  ) {
    for beta in [betas.first, betas.second] {
      check(beta >= 0 && beta < 1, "\(Self.self): beta \(beta) is not in 0..<1")
    }
    self.betas = betas
    self.epsilon = epsilon
    super.init(groups, schedule: schedule)
  }

  override final var averageNames: [String] { ["average", "squared_average"] }

  class var isDecayDecoupled: Bool { false }

  override final func update(
    _ value: inout Tensor, _ gradient: Tensor, _ slot: inout Slot, learningRate: Double,
    weightDecay: Double
  ) {
    let correction1 = 1 - pow(betas.first, Double(slot.stepCount))
    let correction2 = 1 - pow(betas.second, Double(slot.stepCount))
    let shrink = Self.isDecayDecoupled ? 1 - learningRate * weightDecay : 1
    let settings = ca_adam(
      shrink: Float(shrink), weight_decay: Self.isDecayDecoupled ? 0 : Float(weightDecay),
      one_minus_beta1: Float(1 - betas.first), beta2: Float(betas.second),
      one_minus_beta2: Float(1 - betas.second), step_size: Float(learningRate / correction1),
      inverse_root_correction2: Float(1 / correction2.squareRoot()), epsilon: Float(epsilon))
    let count = value.count
    // Taken out, as both are changed at once.
    var averages = (slot.averages[0], slot.averages[1])
    slot.averages = []
    unsafe value.withUnsafeMutableScalars { value in
      unsafe averages.0.withUnsafeMutableScalars { average in
        unsafe averages.1.withUnsafeMutableScalars { squared in
          unsafe gradient.withUnsafeScalars { gradient in
            guard let value = value.baseAddress, let average = average.baseAddress,
              let squared = squared.baseAddress, let gradient = gradient.baseAddress
            else { return }
            parallelFor(count, grain: optimizerGrain) { range in
              // Safe: all four hold `count` floats, and chunks do not overlap.
              unsafe ca_adam_step(
                settings, value, average, squared, gradient, range.lowerBound, range.upperBound)
            }
          }
        }
      }
    }
    slot.averages = [averages.0, averages.1]
  }
}

/// Adam with weight decay that shrinks the parameter itself, as `torch.optim.AdamW`.
///
/// The decay is the group's `weightDecay`; PyTorch's default there is 0.01, ours 0.
public final class AdamW: Adam {
  override class var isDecayDecoupled: Bool { true }
}
