public import Tensor

/// Parameters that share a base learning rate and a weight decay.
public struct ParameterGroup {
  /// The parameters; frozen ones, and those without a gradient, are left alone.
  public let parameters: [NamedParameter]
  /// The learning rate before the schedule's factor.
  public var learningRate: Double
  /// The weight decay.
  public var weightDecay: Double

  /// Creates a group.
  public init(_ parameters: [NamedParameter], learningRate: Double, weightDecay: Double = 0) {
    self.parameters = parameters
    self.learningRate = learningRate
    self.weightDecay = weightDecay
  }
}

/// What an optimiser needs to go on with the same bits: tensors and counts by name.
public struct OptimizerState: Sendable, Equatable {
  /// Running averages, named `momentum.<parameter>` and the like.
  public var tensors: [String: Tensor]
  /// Numbers of steps: `step` of the optimiser, `step.<parameter>` of those that count their own.
  public var counts: [String: Int]

  /// Creates a state.
  public init(tensors: [String: Tensor], counts: [String: Int]) {
    self.tensors = tensors
    self.counts = counts
  }
}

/// An optimiser's state that does not fit its parameters: every difference in one message.
public struct OptimizerStateError: Error, CustomStringConvertible {
  /// All differences, one a line.
  public let description: String
}

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
  public private(set) final var stepCount = 0

  private final var slots: [String: Slot] = [:]

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

  /// What is needed to go on with the same bits, beside the parameters themselves.
  public final var state: OptimizerState {
    var state = OptimizerState(tensors: [:], counts: ["step": stepCount])
    for (name, slot) in slots {
      for (average, tensor) in zip(averageNames, slot.averages) {
        state.tensors["\(average).\(name)"] = tensor
      }
      state.counts["step.\(name)"] = slot.stepCount
    }
    return state
  }

  /// Goes on from a saved state; on an error nothing changes.
  ///
  /// - Parameters:
  ///   - state: From an optimiser of the same kind over parameters of the same names and shapes.
  ///   - source: Named in the error, such as the file's path.
  /// - Throws: `OptimizerStateError` listing what is missing, unexpected or misshapen.
  public final func restore(
    _ state: OptimizerState, from source: String = "optimiser state"
  ) throws(OptimizerStateError) {
    var problems: [String] = []
    var unused = Set(state.tensors.keys).union(state.counts.keys)
    func count(_ key: String) -> Int? {
      unused.remove(key)
      if let count = state.counts[key], count < 0 {
        problems.append("'\(key)' is \(count), expected 0 or more")
      }
      return state.counts[key]
    }
    let total = count("step")
    if total == nil { problems.append("missing 'step'") }
    var restored: [String: Slot] = [:]
    for entry in groups.flatMap(\.parameters) {
      let keys = averageNames.map { "\($0).\(entry.name)" }
      let taken = count("step.\(entry.name)")
      // A parameter that never had a gradient has no slot.
      guard let taken else { continue }
      var slot = Slot(averages: [], stepCount: taken)
      for key in keys {
        unused.remove(key)
        guard let tensor = state.tensors[key] else {
          problems.append("missing '\(key)'")
          continue
        }
        if tensor.shape != entry.parameter.shape {
          problems.append(
            "'\(key)' has shape \(tensor.shape), the parameter has \(entry.parameter.shape)")
        }
        slot.averages.append(tensor)
      }
      restored[entry.name] = slot
    }
    problems += unused.sorted().map { "unexpected '\($0)'" }
    guard problems.isEmpty, let total else {
      throw OptimizerStateError(
        description: "\(source): does not fit the optimiser:\n  "
          + problems.joined(separator: "\n  "))
    }
    slots = restored
    stepCount = total
  }
}
