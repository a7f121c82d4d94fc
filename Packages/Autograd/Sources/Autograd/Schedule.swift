internal import Foundation
internal import Tensor

/// The factor of the learning rate at each step: a pure function, so that a resumed run needs only
/// the number of steps taken.
///
/// Schedules combine: `.poly(steps: 20_000).warmedUp(over: 500)`.
public struct Schedule: Sendable {
  private let function: @Sendable (Int) -> Double

  /// Creates a schedule from a function of the number of steps already taken.
  public init(_ factor: @escaping @Sendable (Int) -> Double) { function = factor }

  /// The factor of the learning rate in the step that follows `step` others.
  public func factor(at step: Int) -> Double { function(step) }

  /// Always 1.
  public static let constant = Schedule { _ in 1 }

  /// `(1 - step / steps) ^ power`, and 0 from `steps` on, as `torch.optim.lr_scheduler.PolynomialLR`.
  public static func poly(steps: Int, power: Double = 0.9) -> Schedule {
    check(steps > 0, "Schedule.poly: \(steps) steps")
    return Schedule { pow(1 - Double(min($0, steps)) / Double(steps), power) }
  }

  /// Half a cosine from 1 to `floor` over `steps`, then `floor`.
  ///
  /// As `CosineAnnealingLR`, whose `eta_min` is `floor` times the base rate. Loshchilov and Hutter,
  /// ICLR 2017 (https://arxiv.org/abs/1608.03983).
  public static func cosine(steps: Int, floor: Double = 0) -> Schedule {
    check(steps > 0, "Schedule.cosine: \(steps) steps")
    return Schedule { step in
      let share = Double(min(step, steps)) / Double(steps)
      return floor + (1 - floor) * (1 + cos(.pi * share)) / 2
    }
  }

  /// Multiplied by `factor` every `steps` steps, as `StepLR`.
  public static func step(every steps: Int, factor: Double = 0.1) -> Schedule {
    check(steps > 0, "Schedule.step: every \(steps) steps")
    return Schedule { pow(factor, Double($0 / steps)) }
  }

  /// Multiplied by `factor` at each milestone, as `MultiStepLR`.
  public static func multistep(at milestones: [Int], factor: Double = 0.1) -> Schedule {
    Schedule { step in pow(factor, Double(milestones.count { $0 <= step })) }
  }

  /// A straight line from `start` to 1 over `steps`, then 1, as `LinearLR`.
  public static func warmUp(steps: Int, from start: Double = 0) -> Schedule {
    check(steps > 0, "Schedule.warmUp: \(steps) steps")
    return Schedule { start + (1 - start) * Double(min($0, steps)) / Double(steps) }
  }

  /// The product of two schedules, as `ChainedScheduler`.
  public static func * (lhs: Schedule, rhs: Schedule) -> Schedule {
    Schedule { lhs.factor(at: $0) * rhs.factor(at: $0) }
  }

  /// This schedule with its first steps scaled by a line from `start` to 1; it is not delayed.
  public func warmedUp(over steps: Int, from start: Double = 0) -> Schedule {
    self * .warmUp(steps: steps, from: start)
  }

  /// This schedule for `steps` steps, then another from its beginning, as `SequentialLR`.
  public func followed(by next: Schedule, after steps: Int) -> Schedule {
    Schedule { $0 < steps ? factor(at: $0) : next.factor(at: $0 - steps) }
  }
}
