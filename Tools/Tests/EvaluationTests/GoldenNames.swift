import Foundation

/// The pictures that golden numbers are of, as the script that made them wrote their names.
func goldenNames(_ file: String) -> [String] {
  let path = Bundle.module.bundleURL.appendingPathComponent("Golden/\(file).txt").path
  let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
  return text.split(separator: "\n").map(String.init)
}
