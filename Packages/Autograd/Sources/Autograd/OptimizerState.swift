public import Tensor

/// What an optimiser needs to go on with the same bits: tensors and counts by name.
///
/// Learning rates, decays and the schedule are not in it: they come from the configuration.
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

extension Optimizer {
  /// What is needed to go on with the same bits, beside the parameters themselves.
  public var state: OptimizerState {
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
  public func restore(
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
