import Foundation
import Pipeline
import TensorIO

/// Where a command writes: one file, or a folder of files by id that is filled further after an
/// interruption.
struct ResultFiles: Sendable {
  private static let note = ".fbr.json"
  /// The file or folder.
  let path: String
  /// Whether it is a folder.
  let isFolder: Bool
  private let isKept: Bool

  /// Makes a folder ready, and notes in it what makes its files what they are.
  ///
  /// - Parameters:
  ///   - path: The file or folder.
  ///   - isFolder: Which of the two it is.
  ///   - settings: All that decides what the files hold.
  ///   - force: Whether files that are there are made anew.
  /// - Throws: `PipelineError` where the folder holds results of other settings.
  init(_ path: String, isFolder: Bool, settings: [String: String], force: Bool) throws {
    (self.path, self.isFolder, isKept) = (path, isFolder, isFolder && !force)
    guard isFolder else { return }
    try makeFolder(path)
    let file = "\(path)/\(Self.note)"
    if !force, let data = FileManager.default.contents(atPath: file),
      let old = try? JSONDecoder().decode([String: String].self, from: data), old != settings
    {
      let changes = Set(old.keys).union(settings.keys).sorted()
        .filter { old[$0] != settings[$0] }
        .map { "\($0) \(old[$0] ?? "none") there, \(settings[$0] ?? "none") now" }
      throw PipelineError(
        .data,
        "\(path) holds results of other settings (\(changes.joined(separator: "; "))): name another "
          + "folder, or make them anew with --force")
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try AtomicFile.write(file, [Bytes(Array(encoder.encode(settings)))])
  }

  /// Makes a folder ready whose files are always made anew.
  init(_ path: String) throws {
    (self.path, isFolder, isKept) = (path, true, false)
    try makeFolder(path)
  }

  /// The file of an id.
  func file(_ id: String, _ ending: String) -> String {
    isFolder ? "\(path)/\(id).\(ending)" : path
  }

  /// Of some ids those that lack one of their files.
  func missing(_ ids: [String], files: (String) -> [String]) -> [String] {
    guard isKept else { return ids }
    let missing = ids.filter { id in
      !files(id).allSatisfy { FileManager.default.fileExists(atPath: $0) }
    }
    if missing.count < ids.count {
      printProgress(
        "\(ids.count - missing.count) of \(ids.count) are there already; --force makes them anew")
    }
    return missing
  }

  /// A folder in the folder.
  func folder(_ name: String) throws -> String {
    let path = "\(path)/\(name)"
    try makeFolder(path)
    return path
  }
}

private func makeFolder(_ path: String) throws(PipelineError) {
  do {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  } catch {
    var isFolder: ObjCBool = false
    let isThere = unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    let reason = underlying.map { unsafe String(cString: strerror(Int32($0.code))) } ?? "\(error)"
    throw PipelineError(
      .files,
      isThere && !isFolder.boolValue
        ? "\(path): is a file, expected a folder" : "\(path): this folder cannot be made: \(reason)"
    )
  }
}
