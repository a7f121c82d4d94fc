/// A parameter and its name in the model, such as `layer1.0.conv1.weight`.
public struct NamedParameter {
  /// The name in checkpoints.
  public let name: String
  /// The parameter.
  public let parameter: Parameter

  /// Creates a pair.
  public init(name: String, parameter: Parameter) {
    self.name = name
    self.parameter = parameter
  }
}
