import Foundation
import TensorIO
import Testing

/// The path of a file that another library wrote.
func golden(_ name: String) -> String {
  Bundle.module.bundleURL.appendingPathComponent("Golden/\(name)").path
}

/// Calls `body` with the path of a file in a folder of its own, which is removed afterwards.
func withTemporaryFile<Result>(
  _ name: String, _ contents: [UInt8]? = nil, _ body: (String) throws -> Result
) throws -> Result {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("tensorio-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  let path = folder.appendingPathComponent(name).path
  if let contents { try Data(contents).write(to: URL(fileURLWithPath: path)) }
  return try body(path)
}

func contents(_ path: String) throws -> [UInt8] {
  Array(try Data(contentsOf: URL(fileURLWithPath: path)))
}

/// The error's text, without the folder.
func message(of body: () throws -> Void) -> String {
  do {
    try body()
    return "no error"
  } catch {
    let text = "\(error)"
    guard let colon = text.range(of: ": "), let slash = text[..<colon.lowerBound].lastIndex(of: "/")
    else { return text }
    return String(text[text.index(after: slash)...])
  }
}
