internal import Yams

/// A setting that is laid over a recipe.
struct RecipeOverride: CustomStringConvertible {
  /// The option or file that gives it.
  var origin = "--set"
  /// `section.key=value`, the value in YAML.
  var text: String

  var description: String { "\(origin) \(text)" }

  /// The sections around the value.
  func node() throws(RecipeError) -> Node {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty else {
      throw RecipeError(["\(self): expected section.key=value"], isUsage: true)
    }
    var node: Node
    do {
      node = try Yams.compose(yaml: String(parts[1])) ?? Node("")
    } catch {
      throw RecipeError(["\(self): the value is no YAML"], isUsage: true)
    }
    for key in parts[0].split(separator: ".", omittingEmptySubsequences: false).reversed() {
      node = Node([(Node(String(key)), node)])
    }
    return node
  }
}
