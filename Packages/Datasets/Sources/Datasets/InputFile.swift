internal import Foundation
internal import TensorIO

/// Whole files and folders, read with errors that name them.
enum InputFile {
  /// The bytes of a file.
  static func bytes(_ path: String) throws(DatasetError) -> [UInt8] {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw DatasetError(path, systemMessage(), isInputOutput: true) }
    defer { close(file) }
    var status = stat()
    guard unsafe fstat(file, &status) == 0 else {
      throw DatasetError(path, systemMessage(), isInputOutput: true)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw DatasetError(path, "not a file", isInputOutput: true)
    }
    let size = Int(status.st_size)
    var done = 0
    var failure: String?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
      while done < size {
        // Safe: `done` is within the buffer.
        let count = unsafe read(file, buffer.baseAddress.map { unsafe $0 + done }, size - done)
        if count < 0 && errno == EINTR { continue }
        if count < 0 { failure = systemMessage() }
        if count <= 0 { break }
        done += count
      }
      initialized = done
    }
    if let failure { throw DatasetError(path, failure, isInputOutput: true) }
    return bytes
  }

  /// The text of a file.
  static func text(_ path: String) throws(DatasetError) -> String {
    let bytes = try bytes(path)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw DatasetError(path, "is not text in UTF-8")
    }
    return text
  }

  /// The lines of a text file that are not empty, without white space at their ends, with their
  /// numbers from 1.
  static func lines(_ path: String) throws(DatasetError) -> [(number: Int, text: String)] {
    var lines: [(number: Int, text: String)] = []
    let text = try text(path)
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated()
    {
      let trimmed = line.trimmingCharacters(in: .whitespaces.union(["\u{feff}"]))
      if !trimmed.isEmpty { lines.append((index + 1, trimmed)) }
    }
    return lines
  }

  /// The names in a folder, sorted by their bytes so that every machine has the same order.
  static func names(in folder: String) throws(DatasetError) -> [String] {
    guard isFolder(folder) else {
      throw DatasetError(folder, "no such folder", isInputOutput: true)
    }
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder)
        .filter { !$0.hasPrefix(".") }
        .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    } catch {
      throw DatasetError(folder, "cannot be listed", isInputOutput: true)
    }
  }

  static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
