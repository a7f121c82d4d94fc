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
