internal import Tensor

/// Changes parameters along their gradients.
///
/// The learning rate of a step is the group's times `schedule.factor(at: stepCount)`. A frozen
/// parameter, or one that has no gradient, is skipped as in PyTorch: no decay, no momentum.
public class Optimizer {
  /// The parameters and their rates. Rates may change between steps, parameters not.
  public final var groups: [ParameterGroup] {
    didSet {
      check(
        groups.map { $0.parameters.map(\.name) } == oldValue.map { $0.parameters.map(\.name) },
        "\(Self.self): groups set to other parameters")
    }
  }

  /// The factor of the learning rate at each step.
  public final let schedule: Schedule

  /// The number of steps taken.
  public internal(set) final var stepCount = 0

  final var slots: [String: Slot] = [:]

  /// What an optimiser remembers of a parameter.
  struct Slot {
    var averages: [Tensor]
    var stepCount = 0
  }

  /// The names of the averages in a saved state.
  var averageNames: [String] { [] }

  init(_ groups: [ParameterGroup], schedule: Schedule) {
    var names: Set<String> = []
    for entry in groups.flatMap(\.parameters) {
      check(
        names.insert(entry.name).inserted,
        "\(Self.self): parameter '\(entry.name)' is in the groups twice")
    }
    self.groups = groups
    self.schedule = schedule
  }

  /// The learning rate each group has in the next step.
  public final var learningRates: [Double] {
    let factor = schedule.factor(at: stepCount)
    return groups.map { $0.learningRate * factor }
  }

  /// Changes every parameter that has a gradient.
  public final func step() {
    for (group, learningRate) in zip(groups, learningRates) {
      for entry in group.parameters {
        guard let gradient = entry.parameter.gradient else { continue }
        // Taken out of the dictionary, so that the averages are changed in place.
        var slot =
          slots.removeValue(forKey: entry.name)
          ?? Slot(averages: averageNames.map { _ in .zeros(gradient.shape) })
        slot.stepCount += 1
        entry.parameter.update {
          update(
            &$0, gradient, &slot, learningRate: learningRate, weightDecay: group.weightDecay)
        }
        slots[entry.name] = slot
      }
    }
    stepCount += 1
  }

  /// Drops the gradients of all parameters.
  public final func zeroGradients() {
    for entry in groups.flatMap(\.parameters) { entry.parameter.gradient = nil }
  }

  func update(
    _ value: inout Tensor, _ gradient: Tensor, _ slot: inout Slot, learningRate: Double,
    weightDecay: Double
  ) { fatalError("\(Self.self) does not define update") }
}
