public import Autograd
public import Tensor

/// What a network is made of at one input size: layers, shapes, parameters, operations, memory.
///
/// Taken from a forward pass in evaluation mode, so it lists what ran: a batch norm folded into its
/// convolution is part of that, dropout is absent.
public struct NetworkSummary: Sendable, Hashable, Encodable {
  /// One operation.
  public struct Layer: Sendable, Hashable, Encodable {
    /// The module's name in the network; empty for an operation between modules.
    public let name: String
    /// What it does: `conv 3x3 /2, norm, relu`.
    public let operation: String
    /// The shape of its output, images `[N, H, W, C]`.
    public let outputShape: [Int]
    /// Numbers that can be trained; 0 where a module runs again.
    public let parameterCount: Int
    /// Floating-point operations: 2 for a multiply-add, 1 an element for what is done element by
    /// element; what is fused into a convolution counts nothing.
    public let operationCount: Int
    /// Bytes of the output.
    public let outputBytes: Int
  }

  /// The shapes of the inputs.
  public let inputShapes: [[Int]]
  /// What ran, in order.
  public let layers: [Layer]
  /// Numbers of the whole network that can be trained, also of parts that did not run.
  public let parameterCount: Int
  /// Floating-point operations of a forward pass.
  public let operationCount: Int
  /// Bytes of all outputs: about what training keeps.
  public let outputBytes: Int
  /// Bytes of the outputs alive at once, at the worst moment of inference; the input counts.
  public let peakBytes: Int

  /// Runs a network on zeros.
  ///
  /// - Parameters:
  ///   - model: The network; it is left as it was.
  ///   - shapes: The shapes of its inputs, images `[N, H, W, C]`.
  ///   - forward: Applies the network and returns its outputs.
  public init(
    _ model: any Module, inputShapes shapes: [Shape], _ forward: ([Variable]) -> [Variable]
  ) {
    let trace = Trace(model, inputShapes: shapes, forward)
    var seen: Set<ObjectIdentifier> = []
    layers = trace.steps.map { step in
      let modules = step.operation.modules
      let new = modules.filter { seen.insert(ObjectIdentifier($0)).inserted }
      return Layer(
        name: modules.first.map(trace.name) ?? "", operation: step.operation.title,
        outputShape: step.output.shape.dimensions,
        parameterCount: new.flatMap(\.parameters).reduce(0) { $0 + $1.value.count },
        operationCount: step.operation.operationCount(
          inputs: step.inputs.map(\.shape), output: step.output.shape),
        outputBytes: step.output.shape.elementCount * MemoryLayout<Float>.size)
    }
    inputShapes = shapes.map(\.dimensions)
    parameterCount = model.parameters.reduce(0) { $0 + $1.value.count }
    operationCount = layers.reduce(0) { $0 + $1.operationCount }
    outputBytes = layers.reduce(0) { $0 + $1.outputBytes }
    peakBytes = Self.peakBytes(trace)
  }

  /// The summary of a backbone for images `[N, H, W, 3]`.
  public init(_ backbone: any FeatureExtractor, batch: Int = 1, height: Int, width: Int) {
    self.init(backbone, inputShapes: [[batch, height, width, 3]]) { backbone.stages($0[0]) }
  }

  private static func peakBytes(_ trace: Trace) -> Int {
    var lastUse: [ObjectIdentifier: Int] = [:]
    for (index, step) in trace.steps.enumerated() {
      for variable in step.inputs + [step.output] { lastUse[ObjectIdentifier(variable)] = index }
    }
    for output in trace.outputs { lastUse[ObjectIdentifier(output)] = trace.steps.count }
    func bytes(_ variable: Variable) -> Int {
      variable.shape.elementCount * MemoryLayout<Float>.size
    }
    var alive = trace.inputs.reduce(0) { $0 + bytes($1) }
    var peak = alive
    for (index, step) in trace.steps.enumerated() {
      alive += bytes(step.output)
      peak = max(peak, alive)
      let inputs = Dictionary(
        step.inputs.map { (ObjectIdentifier($0), $0) }, uniquingKeysWith: { first, _ in first })
      for (id, input) in inputs where lastUse[id] == index { alive -= bytes(input) }
    }
    return peak
  }
}
