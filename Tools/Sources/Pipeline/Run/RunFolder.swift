internal import Foundation
internal import TensorIO

/// The folder of a run, held by one process at a time.
public final class RunFolder {
  /// The folder.
  public let path: String
  private let lock: Int32

  /// Opens a folder, made where it is missing, and locks it.
  ///
  /// - Parameter path: The folder.
  /// - Throws: `PipelineError` where it cannot be made, holds something else than a run or another
  ///   process works in it.
  public init(_ path: String) throws(PipelineError) {
    try Self.makeFolder(path)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    let own = names.filter { !$0.hasPrefix(".") && !$0.hasSuffix(".partial") }.sorted()
    if let first = own.first, !own.contains("manifest.json") {
      throw PipelineError(
        .files,
        "\(path): holds \(first) but no manifest.json, so it is no run; a run begins in a new or an "
          + "empty folder")
    }
    self.path = path
    let file = path + "/.lock"
    lock = unsafe open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard lock >= 0 else {
      throw PipelineError(.files, "\(file): cannot be opened: \(systemMessage())")
    }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      let holder = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
      close(lock)
      throw PipelineError(
        .files, "\(path): another process\(holder.isEmpty ? "" : " (\(holder))") works in this run")
    }
    ftruncate(lock, 0)
    let text = "process \(getpid())"
    _ = unsafe Foundation.write(lock, text, text.utf8.count)
  }

  deinit { close(lock) }

  /// The folder of a stage.
  public func folder(of stage: StageName) -> String { "\(path)/\(stage.rawValue)" }

  /// The file of the resolved recipe.
  public var recipePath: String { path + "/run.yaml" }
  /// The file of the stages' states.
  public var manifestPath: String { path + "/manifest.json" }
  /// The file of losses and stages, an event a line.
  public var logPath: String { path + "/log.jsonl" }

  /// A run that another one may take stages over from; it is not locked.
  struct Finished {
    let path: String
    let manifest: Manifest

    init(_ path: String) throws(PipelineError) {
      self.path = path
      guard FileManager.default.fileExists(atPath: path + "/manifest.json") else {
        throw PipelineError(.files, "\(path): is no run: holds no manifest.json")
      }
      manifest = try Manifest(contentsOf: path + "/manifest.json")
    }

    func folder(of stage: StageName) -> String { "\(path)/\(stage.rawValue)" }
    var logPath: String { path + "/log.jsonl" }
  }

  /// Gives a folder the files of another: as hard links, because every file of a run is replaced and
  /// never changed, or as copies where the file system has no links.
  static func linkFiles(from source: String, to target: String) throws(PipelineError) {
    for name in filesBelow(source) {
      let (from, to) = ("\(source)/\(name)", "\(target)/\(name)")
      try makeFolder(URL(fileURLWithPath: to).deletingLastPathComponent().path)
      do {
        if unsafe link(from, to) != 0 {
          try FileManager.default.copyItem(atPath: from, toPath: to)
        }
      } catch {
        throw PipelineError(.files, "\(to): cannot be copied from \(from): \(error)")
      }
    }
  }

  /// Whether something is at a path, be it a link to nowhere.
  static func isThere(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0
  }

  /// Removes a folder with all it holds; of a link only the link, and nothing where nothing is.
  static func remove(_ path: String) throws(PipelineError) {
    guard isThere(path), unsafe unlink(path) != 0 else { return }
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      throw PipelineError(.files, "\(path): cannot be removed: \(systemMessage())")
    }
  }

  /// Renames a folder, or a link to one.
  static func move(_ source: String, to target: String) throws(PipelineError) {
    guard unsafe rename(source, target) == 0 else {
      throw PipelineError(.files, "\(source): cannot be renamed \(target): \(systemMessage())")
    }
  }

  static func makeFolder(_ path: String) throws(PipelineError) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw PipelineError(.files, "\(path): this folder cannot be made: \(systemMessage())")
    }
  }

  /// Writes a file as a whole: under a temporary name, then renamed.
  static func write(_ content: Data, to path: String) throws(PipelineError) {
    do {
      try AtomicFile.write(path, [Bytes(Array(content))])
    } catch {
      throw PipelineError(.files, error.description)
    }
  }

  static func write(_ text: String, to path: String) throws(PipelineError) {
    try write(Data(text.utf8), to: path)
  }
}
