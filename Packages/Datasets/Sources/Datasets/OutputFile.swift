internal import Foundation

/// Files written as a whole or not at all: under a temporary name beside, then renamed.
enum OutputFile {
  static func write(_ bytes: [UInt8], to path: String) throws(DatasetError) {
    let temporary = "\(path).\(getpid()).\(UInt32.random(in: 0...UInt32.max)).partial"
    let file = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard file >= 0 else {
      throw DatasetError(path, "cannot be written: \(systemMessage())", isInputOutput: true)
    }
    var failure: String?
    var done = 0
    unsafe bytes.withUnsafeBufferPointer { buffer in
      while done < buffer.count && failure == nil {
        // Safe: `done` is within the buffer.
        let count = unsafe Foundation.write(
          file, buffer.baseAddress.map { unsafe $0 + done }, buffer.count - done)
        if count >= 0 { done += count } else if errno != EINTR { failure = systemMessage() }
      }
    }
    if close(file) != 0 && failure == nil { failure = systemMessage() }
    if failure == nil, unsafe rename(temporary, path) != 0 { failure = systemMessage() }
    if let failure {
      unsafe unlink(temporary)
      throw DatasetError(path, "cannot be written: \(failure)", isInputOutput: true)
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
