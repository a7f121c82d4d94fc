/// A recipe that cannot be followed: every problem, a line each.
public struct RecipeError: Error, CustomStringConvertible {
  /// `file:line: what is wrong` a line.
  public let description: String

  init(_ problems: [String]) { description = problems.joined(separator: "\n") }
}
