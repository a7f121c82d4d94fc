import Foundation
import Pipeline
import TensorIO

/// What the results of a folder were made from: its file `.fbr.jsonl`, a line for each call's settings
/// and one for each result.
///
/// Lines are only added, so that a call that is stopped loses nothing, and calls for different
/// pictures may run side by side.
final class ResultNote {
  /// What one result was made from.
  struct Entry {
    let settings: [String: String]
    let inputs, files: [String]
    /// The line, which also holds what was told of the result.
    fileprivate let line: Data
  }

  private struct Line<Report: Codable>: Codable {
    let call: String
    var settings: [String: String]?
    var id: String?
    var inputs: [String]?
    var files: [String]?
    var report: Report?
  }

  private struct Unread: Codable {}

  /// By the ids of the results.
  private(set) var entries: [String: Entry] = [:]
  /// Whether the folder has a note that can be read.
  let isThere: Bool
  private let path: String?
  private let call = UUID().uuidString
  private let settings: [String: String]
  private var file: FileHandle?

  /// Reads the note of a folder.
  ///
  /// - Parameters:
  ///   - folder: The folder; `nil` keeps the note in memory alone.
  ///   - settings: Those of this call.
  init(_ folder: String?, settings: [String: String]) {
    self.settings = settings
    path = folder.map { "\($0)/.fbr.jsonl" }
    let data = path.flatMap { FileManager.default.contents(atPath: $0) } ?? Data()
    var calls: [String: [String: String]] = [:]
    // A line that a crash cut short is a result that is not known.
    for text in data.split(separator: UInt8(ascii: "\n")) {
      guard let line = try? JSONDecoder().decode(Line<Unread>.self, from: text) else { continue }
      if let settings = line.settings { calls[line.call] = settings }
      guard let id = line.id, let inputs = line.inputs, let files = line.files,
        let settings = calls[line.call]
      else { continue }
      entries[id] = Entry(settings: settings, inputs: inputs, files: files, line: text)
    }
    isThere = !calls.isEmpty
  }

  /// Forgets a result that is to be made anew.
  func forget(_ id: String) { entries[id] = nil }

  /// Notes that this call begins, before its first result.
  func begin() throws {
    guard let path else { return }
    let opened = unsafe open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    guard opened >= 0 else {
      throw PipelineError(.files, "\(path): \(unsafe String(cString: strerror(errno)))")
    }
    let file = FileHandle(fileDescriptor: opened, closeOnDealloc: true)
    self.file = file
    let end = try file.seekToEnd()
    if end > 0 {
      try file.seek(toOffset: end - 1)
      if try file.read(upToCount: 1) != Data("\n".utf8) { try add(Data()) }
    }
    try add(Line<Unread>(call: call, settings: settings))
  }

  /// Notes a result, after its files.
  func add(_ id: String, inputs: [String], files: [String], report: some Codable) throws {
    let line = try add(Line(call: call, id: id, inputs: inputs, files: files, report: report))
    entries[id] = Entry(settings: settings, inputs: inputs, files: files, line: line)
  }

  /// What was told of a result when it was made.
  func report<Report: Codable>(_ id: String, as type: Report.Type = Report.self) -> Report? {
    guard let entry = entries[id] else { return nil }
    return try? JSONDecoder().decode(Line<Report>.self, from: entry.line).report
  }

  @discardableResult
  private func add<Report>(_ line: Line<Report>) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let data = try encoder.encode(line)
    try add(data)
    return data
  }

  private func add(_ line: Data) throws {
    do {
      try file?.write(contentsOf: line + Data("\n".utf8))
    } catch {
      throw PipelineError(.files, "\(path ?? ""): cannot be written")
    }
  }
}
