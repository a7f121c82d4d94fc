/// A recipe that cannot be followed: every problem, a line each.
public struct RecipeError: Error, CustomStringConvertible {
  /// `file:line: what is wrong` a line.
  public let description: String
  /// Whether there is no recipe to read; else its content is wrong.
  public let isInputOutput: Bool
  /// Whether the recipe was not even looked at, as an option beside it has not the form it needs.
  public let isUsage: Bool

  init(_ problems: [String], isInputOutput: Bool = false, isUsage: Bool = false) {
    description = problems.joined(separator: "\n")
    self.isInputOutput = isInputOutput
    self.isUsage = isUsage
  }
}
