import ArgumentParser
import Datasets
import Foundation
import Pipeline

/// What an option names: one file, or a folder of files by the pictures' ids.
struct PictureFiles: Sendable {
  /// Endings of files, by what they hold, in small letters; files may have others.
  enum Kind {
    static let pictures = ["jpg", "jpeg", "png"]
    static let masks = ["png"]
    static let maps = ["npz", "npy"]
    static let edges = ["npy", "png"]
    static let arrays = ["npy"]
  }

  /// The file or folder.
  let path: String
  /// Whether it is a folder.
  let isFolder: Bool
  private let endings: [String]
  /// Paths by id, in a folder.
  private let files: [String: String]

  /// Looks at a path.
  ///
  /// - Throws: `PipelineError` where there is nothing.
  init(_ path: String, _ endings: [String]) throws(PipelineError) {
    (self.path, self.endings) = (path, endings)
    var isDirectory: ObjCBool = false
    guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw PipelineError(.files, "\(path): no such file or folder")
    }
    isFolder = isDirectory.boolValue
    var files: [String: String] = [:]
    if isFolder {
      guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
        throw PipelineError(.files, "\(path): this folder cannot be listed")
      }
      for name in names where !name.hasPrefix(".") && Self.ending(name, isOneOf: endings) {
        let file = "\(path)/\(name)"
        guard let other = files.updateValue(file, forKey: Self.stem(name)) else { continue }
        // An id of two files: which is meant, nobody knows.
        throw PipelineError(
          .data, "\(path): '\(Self.stem(name))' is the name of both \(file) and \(other)")
      }
    }
    self.files = files
  }

  /// The ids of all files, sorted; that of the one file.
  var ids: [String] {
    isFolder
      ? files.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } : [Self.stem(path)]
  }

  /// The ids of a list, or of all files where there is none.
  ///
  /// - Throws: `PipelineError` where there are no ids.
  func ids(list: String?) throws -> [String] {
    guard let list else {
      guard !ids.isEmpty else {
        throw PipelineError(.data, "\(path): holds no file that ends in \(endingList)")
      }
      return ids
    }
    // To the end, for a pipe has no size.
    guard let data = try? FileHandle(forReadingAtPath: list)?.readToEnd() ?? Data() else {
      throw PipelineError(
        .files, "\(list): no such file, or not readable; expected a list of ids, one a line")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw PipelineError(.data, "\(list): not UTF-8; expected a list of ids, one a line")
    }
    let ids = text.split(whereSeparator: \.isNewline).compactMap { line -> String? in
      let line = line.trimmingCharacters(in: .whitespaces)
      // Lists of pairs name the picture first.
      return files[line] != nil
        ? line : line.split(whereSeparator: \.isWhitespace).first.map { Self.stem(String($0)) }
    }
    guard !ids.isEmpty else { throw PipelineError(.data, "\(list): an empty list of ids") }
    guard Set(ids).count == ids.count else {
      var seen: Set<String> = []
      let twice = ids.first { !seen.insert($0).inserted } ?? ""
      throw PipelineError(.data, "\(list): '\(twice)' for the second time")
    }
    return ids
  }

  /// The file of an id; `nil` where the folder has none.
  func file(ifAny id: String) -> String? { isFolder ? files[id] : path }

  /// The file of an id.
  ///
  /// - Throws: `PipelineError` where the folder has none.
  func file(_ id: String) throws(PipelineError) -> String {
    guard let file = file(ifAny: id) else {
      throw PipelineError(.data, "\(path): holds no file of '\(id)' that ends in \(endingList)")
    }
    return file
  }

  private var endingList: String { endings.map { ".\($0)" }.joined(separator: ", ") }

  private static func ending(_ name: String, isOneOf endings: [String]) -> Bool {
    let name = name.lowercased()
    return endings.contains { name.hasSuffix(".\($0)") }
  }

  /// A file's name without folder and ending.
  static func stem(_ path: String) -> String {
    URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
  }
}

extension ClassTable {
  /// The classes of VOC or COCO, or of a file with a name a line.
  init(named name: String) throws {
    switch name {
    case "voc": self = .voc
    case "coco": self = .coco
    default:
      guard FileManager.default.fileExists(atPath: name) else {
        throw PipelineError(
          .files, "\(name): no such file; expected voc, coco or a list of classes")
      }
      self = try ClassTable(contentsOf: name)
    }
  }
}
