import Foundation
import Pipeline

/// Where a command writes: one file, or a folder of files by id that is filled further after an
/// interruption.
struct ResultFiles {
  /// The file or folder.
  let path: String
  /// Whether it is a folder.
  let isFolder: Bool
  private let work: PictureWork?
  private let settings: [String: String]
  private let note: ResultNote
  /// What the results to make are made from, as it was before they are.
  private var sources: [String: (inputs: [String], files: [String])] = [:]

  /// Makes a folder ready.
  ///
  /// - Parameters:
  ///   - path: The file or folder.
  ///   - isFolder: Which of the two it is.
  ///   - settings: All that decides what the files hold, but for their inputs.
  ///   - work: Whether files that are there are made anew, and whether that is told.
  /// - Throws: `PipelineError` where it is no folder and cannot be made one.
  init(
    _ path: String, isFolder: Bool, settings: [String: String] = [:], work: PictureWork? = nil
  ) throws {
    (self.path, self.isFolder, self.settings, self.work) = (path, isFolder, settings, work)
    if isFolder { try makeFolder(path) }
    note = ResultNote(isFolder && work != nil ? path : nil, settings: settings)
  }

  /// The file of an id.
  func file(_ id: String, _ ending: String) -> String {
    isFolder ? "\(path)/\(id).\(ending)" : path
  }

  /// Of some ids those whose files are yet to be made of these inputs.
  ///
  /// - Throws: `PipelineError` where files are there that other settings made, or nobody knows which.
  mutating func missing(
    _ ids: [String], inputs: (String) -> [String?], files: (String) -> [String]
  ) throws -> [String] {
    var missing: [String] = []
    for id in ids {
      let files = files(id)
      let stamps = inputs(id).compactMap { $0 }.map(stamp)
      if try isMade(id, stamps, files) { continue }
      note.forget(id)
      sources[id] = (stamps, files.map(name))
      missing.append(id)
    }
    if missing.count < ids.count && work?.quiet == false {
      printProgress(
        "\(ids.count - missing.count) of \(ids.count) are there already; --force makes them anew")
    }
    if !missing.isEmpty { try note.begin() }
    return missing
  }

  private func isMade(_ id: String, _ inputs: [String], _ files: [String]) throws -> Bool {
    guard isFolder, let work, !work.force else { return false }
    let present = files.filter { FileManager.default.fileExists(atPath: $0) }
    guard let first = present.first else { return false }
    guard let entry = note.entries[id] else {
      if note.isThere { return false }
      throw PipelineError(
        .data,
        "\(first): is there, and nothing says what it was made from: name another folder than "
          + "\(path), or make it anew with --force")
    }
    if entry.settings != settings { throw otherSettings(entry.settings) }
    return entry.inputs == inputs && present.count == files.count
      && Set(entry.files).isSuperset(of: files.map(name))
  }

  private func otherSettings(_ old: [String: String]) -> PipelineError {
    let changes = Set(old.keys).union(settings.keys).sorted()
      .filter { old[$0] != settings[$0] }
      .map { "\($0) \(old[$0] ?? "none") there, \(settings[$0] ?? "none") now" }
    return PipelineError(
      .data,
      "\(path) holds results of other settings (\(changes.joined(separator: "; "))): name another "
        + "folder, or make them anew with --force")
  }

  /// Notes that the files of an id are made, and what is told of them.
  func note(_ id: String, _ report: some Codable) throws {
    guard let source = sources[id] else { return }
    try note.add(id, inputs: source.inputs, files: source.files, report: report)
  }

  /// What was told of these ids, in this call or an earlier one.
  func reports<Report: Codable>(_ ids: [String]) -> [Report] { ids.compactMap { note.report($0) } }

  private func name(_ file: String) -> String {
    file.hasPrefix("\(path)/") ? String(file.dropFirst(path.count + 1)) : file
  }

  /// A folder in the folder.
  func folder(_ name: String) throws -> String {
    let path = "\(path)/\(name)"
    try makeFolder(path)
    return path
  }
}

/// Path, size and time of an input, one of which differs after almost any change.
private func stamp(_ path: String) -> String {
  var real = RealPaths()
  var status = stat()
  guard unsafe stat(path, &status) == 0 else { return "\(path) missing" }
  let time = "\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
  return "\(real[path] ?? path) \(status.st_size) \(time)"
}

private func makeFolder(_ path: String) throws(PipelineError) {
  guard !path.isEmpty else { throw PipelineError(.files, "'': no name of a folder") }
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
