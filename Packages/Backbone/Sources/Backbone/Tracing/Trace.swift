internal import Autograd
internal import Tensor

/// The operations of one forward pass in the order they ran: what a summary or an export reads.
///
/// Layers and the operations between them note themselves here while a trace is current, so the
/// networks' own forward code is the only description of their structure.
final class Trace {
  /// What ran.
  enum Operation {
    case convolution(Convolution2d, BatchNorm2d?, Convolution2dParameters, FusedActivation)
    case batchNorm(BatchNorm2d)
    case groupNorm(GroupNorm)
    case linear(Linear)
    case activation(FusedActivation)
    case maxPool(PoolingParameters)
    case averagePool(PoolingParameters)
    case globalAveragePool
    /// To the size of the second input.
    case resize(ResizeMode)
    case upsample(Int, ResizeMode)
    case add
    case multiply
    case subtract(Buffer)
    case concatenate
    /// To the size of the second input, from the first row and column on.
    case crop
    case flatten
    case unflatten
    case elu
    case identity
    case thresholdedAveragePool(theta: Float)
    /// `PCM.spread` of the first input by the second.
    case spread
  }

  /// One operation. It keeps its variables alive, so their identities stay unique.
  struct Step {
    let operation: Operation
    let inputs: [Variable]
    let output: Variable
  }

  @TaskLocal private static var current: TraceReference?

  private(set) var steps: [Step] = []
  /// What the network was given.
  let inputs: [Variable]
  /// What it made of that.
  private(set) var outputs: [Variable] = []
  /// The names of its modules.
  private let names: [ObjectIdentifier: String]

  /// Traces a forward pass in evaluation mode, without gradients.
  ///
  /// The model's layers are left in the modes they were in.
  ///
  /// - Parameters:
  ///   - model: The network.
  ///   - shapes: The shapes of its inputs, images `[N, H, W, C]`; zeros are fed.
  ///   - forward: Applies the network and returns what counts as its outputs.
  init(_ model: any Module, inputShapes shapes: [Shape], _ forward: ([Variable]) -> [Variable]) {
    inputs = shapes.map { Variable(.zeros($0)) }
    let modules = model.namedModules
    // The first of a shared module's names, as with its parameters.
    names = Dictionary(
      modules.map { (ObjectIdentifier($0.module), $0.name) },
      uniquingKeysWith: { first, _ in first })
    let dependents = modules.compactMap { $0.module as? any ModeDependent }
    let modes = dependents.map(\.isTraining)
    defer { for (module, mode) in zip(dependents, modes) { module.isTraining = mode } }
    model.eval()
    outputs = Self.$current.withValue(TraceReference(self)) {
      withoutGradients { forward(inputs) }
    }
  }

  /// The name of a module in the model; empty where it is not part of it.
  func name(_ module: any Module) -> String { names[ObjectIdentifier(module)] ?? "" }

  static var isRunning: Bool { current != nil }

  static func record(_ operation: Operation, _ inputs: [Variable?], _ output: Variable) {
    guard let current else { return }
    current.trace.steps.append(
      Step(operation: operation, inputs: inputs.compactMap(\.self), output: output))
  }
}

/// A trace as a task-local value.
// @unchecked Sendable: set only around a synchronous call, whose task alone reads it.
private final class TraceReference: @unchecked Sendable {
  let trace: Trace

  init(_ trace: Trace) { self.trace = trace }
}
