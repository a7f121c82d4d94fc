import ArgumentParser
import Foundation

/// Refuses outputs that would replace what a command reads, or one another; before any work.
///
/// - Throws: `ValidationError`.
func expectApart(outputs: [String], inputs: [String]) throws {
  var real = RealPaths()
  let read = Set(inputs.compactMap { real[$0] })
  var written: [String: String] = [:]
  for output in outputs {
    guard let path = real[output] else { continue }
    if read.contains(path) {
      throw ValidationError("\(output): the output is an input; name another")
    }
    if let other = written.updateValue(output, forKey: path) {
      throw ValidationError("\(other) and \(output): two outputs are the same; name another")
    }
  }
}

/// Paths without symbolic links, which tell whether two names are one file.
struct RealPaths {
  private var folders: [String: String] = [:]

  /// The path of a file or folder, there or not; `nil` for a pipe or a device.
  subscript(path: String) -> String? {
    mutating get {
      var status = stat()
      let isThere = unsafe lstat(path, &status) == 0
      let isLink = isThere && status.st_mode & S_IFMT == S_IFLNK
      if isLink, unsafe stat(path, &status) != 0 { return path }
      switch isThere ? status.st_mode & S_IFMT : S_IFREG {
      case S_IFDIR: return Self.resolved(path)
      case S_IFREG: return isLink ? Self.resolved(path) : inFolder(path)
      default: return nil
      }
    }
  }

  /// Only the folder is looked up, and once: there may be thousands of files in it.
  private mutating func inFolder(_ path: String) -> String {
    let parts = path.split(separator: "/")
    guard let name = parts.last else { return path }
    let above = parts.dropLast().joined(separator: "/")
    let folder = path.hasPrefix("/") ? "/" + above : above.isEmpty ? "." : above
    if let known = folders[folder] { return "\(known)/\(name)" }
    let real = Self.resolved(folder) ?? (parts.count > 1 ? inFolder(folder) : folder)
    folders[folder] = real
    return "\(real)/\(name)"
  }

  private static func resolved(_ path: String) -> String? {
    guard let real = unsafe realpath(path, nil) else { return nil }
    // Safe: realpath returns a text that is the caller's to free.
    defer { unsafe free(real) }
    return unsafe String(cString: real)
  }
}
