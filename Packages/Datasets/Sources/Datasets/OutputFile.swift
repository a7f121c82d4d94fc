internal import Foundation
internal import TensorIO

/// Files written as a whole or not at all, and the folders for them.
enum OutputFile {
  static func write(_ bytes: [UInt8], to path: String) throws(DatasetError) {
    do {
      try AtomicFile.write(path, [Bytes(bytes)], isFlushed: false)
    } catch {
      throw DatasetError(path, error)
    }
  }

  static func write(_ text: String, to path: String) throws(DatasetError) {
    try write(Array(text.utf8), to: path)
  }

  static func makeFolder(_ path: String) throws(DatasetError) {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true)
    } catch {
      throw DatasetError(path, "the folder cannot be made", isInputOutput: true)
    }
  }
}
