internal import Foundation
internal import Yams

/// What is wrong with a text that is no YAML, on one line where the parser would print all of it.
func yamlProblem(_ error: any Error, in yaml: String, path: String) -> String {
  guard case .duplicatedKeysInMapping(let keys, let context)? = error as? YamlError,
    let key = keys.first
  else { return "\(path): \(error)" }
  let line = secondLine(of: key, after: context.mark, in: yaml) ?? context.mark.line
  return "\(path):\(line): key '\(key)' for the second time in its section"
}

/// Where a key stands that the parser found at an earlier place; `nil` where it is on the same line.
private func secondLine(of key: String, after first: Mark, in yaml: String) -> Int? {
  let lines = yaml.split(separator: "\n", omittingEmptySubsequences: false)
  for (index, line) in lines.enumerated().dropFirst(first.line) {
    let indent = line.prefix { $0 == " " }.count
    let text = line.dropFirst(indent)
    if text.isEmpty || text.hasPrefix("#") { continue }
    if indent < first.column - 1 { return nil }
    let name = text.prefix { $0 != ":" }.trimmingCharacters(in: .whitespaces)
    if indent == first.column - 1, [key, "'\(key)'", "\"\(key)\""].contains(name) {
      return index + 1
    }
  }
  return nil
}
