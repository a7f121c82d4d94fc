internal import Tensor

/// A part of a model: a class whose stored properties are parameters, buffers and other modules.
///
/// The properties' names are the names in checkpoints, as in PyTorch: `runningMean` is
/// `running_mean`, the elements of an array are numbered, `nil` is left out. So a property
/// `layer1: [Block]` gives `layer1.0.conv1.weight`. A module is not `Sendable`, as its parameters
/// are not: it lives in one task.
public protocol Module: AnyObject {}

/// A module that makes one variable from another, so that it can stand in a `Sequential`.
public protocol Layer: Module {
  /// Applies the layer.
  func callAsFunction(_ input: Variable) -> Variable
}

/// A module that behaves differently in training, such as dropout.
public protocol ModeDependent: Module {
  /// Whether the module is being trained; set by `train()` and `eval()`.
  var isTraining: Bool { get set }
}

extension Module {
  /// Every parameter with its name, in the order of declaration; one that is shared comes once,
  /// under its first name.
  public var namedParameters: [NamedParameter] {
    var seen: Set<ObjectIdentifier> = []
    return structure.compactMap { entry in
      guard case .parameter(let parameter) = entry.part,
        seen.insert(ObjectIdentifier(parameter)).inserted
      else { return nil }
      return NamedParameter(name: entry.name, parameter: parameter)
    }
  }

  /// Every parameter, in the order of declaration; one that is shared comes once.
  public var parameters: [Parameter] { namedParameters.map(\.parameter) }

  /// The module itself and all modules in it, in the order of declaration.
  public var modules: [any Module] { namedModules.map(\.module) }

  /// The module itself, with an empty name, and all modules in it, in the order of declaration; one
  /// that is shared comes under each of its names.
  public var namedModules: [(name: String, module: any Module)] {
    structure.compactMap { entry in
      if case .module(let module) = entry.part { (entry.name, module) } else { nil }
    }
  }

  /// Puts the module and all its parts in training mode.
  public func train() { setTraining(true) }

  /// Puts the module and all its parts in evaluation mode.
  public func eval() { setTraining(false) }

  private func setTraining(_ isTraining: Bool) {
    for case let module as any ModeDependent in modules { module.isTraining = isTraining }
  }

  /// Makes all parameters constants: they get no gradient and optimisers leave them alone.
  public func freeze() { for parameter in parameters { parameter.isFrozen = true } }

  /// Makes all parameters trainable again.
  public func unfreeze() { for parameter in parameters { parameter.isFrozen = false } }

  /// Drops the gradients of all parameters.
  public func zeroGradients() { for parameter in parameters { parameter.gradient = nil } }
}
