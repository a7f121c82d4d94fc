/// What loading a file of weights did.
public struct WeightReport: Sendable, Hashable, CustomStringConvertible {
  /// The file.
  public let path: String
  /// Parameters and buffers that were set.
  public let loaded: [String]
  /// Names in the file that were left out on purpose, such as those of a classifier.
  public let leftOut: [String]
  /// Parameters and buffers of the model that keep their values, on purpose.
  public let kept: [String]

  /// One line for a log.
  public var description: String {
    func list(_ title: String, _ names: [String]) -> String {
      if names.isEmpty { return "" }
      let rest = names.count > 4 ? " and \(names.count - 4) more" : ""
      return "; \(title): " + names.prefix(4).joined(separator: ", ") + rest
    }
    return "\(path): loaded \(loaded.count) tensors" + list("left out", leftOut)
      + list("kept as they were", kept)
  }
}
