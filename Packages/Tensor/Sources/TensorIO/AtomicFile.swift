internal import Foundation

/// Writes a file as a whole or not at all: under a temporary name beside it, then renamed.
public enum AtomicFile {
  /// Writes a file; an older one of that name is there until the new one is complete.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - parts: Its content, one part after the other.
  ///   - isFlushed: Whether to wait until it is on the disk, so that a loss of power cannot leave it
  ///     empty. That takes milliseconds: too long for each of thousands that can be made again.
  /// - Throws: `TensorIOError` where it cannot be written; nothing is left behind then.
  public static func write(
    _ path: String, _ parts: [Bytes], isFlushed: Bool = true
  ) throws(TensorIOError) {
    let temporary = "\(path).\(getpid()).\(UInt32.random(in: 0...UInt32.max)).partial"
    let file = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw TensorIOError(path, "cannot be written: \(systemMessage())") }
    var failure: String?
    for part in parts where failure == nil {
      failure = unsafe part.withUnsafeBytes { unsafe writeAll(file, $0) }
    }
    if isFlushed && failure == nil && fsync(file) != 0 { failure = systemMessage() }
    if close(file) != 0 && failure == nil { failure = systemMessage() }
    if failure == nil, unsafe rename(temporary, path) != 0 { failure = systemMessage() }
    if let failure {
      unsafe unlink(temporary)
      throw TensorIOError(path, "cannot be written: \(failure)")
    }
  }

  private static func writeAll(_ file: Int32, _ bytes: UnsafeRawBufferPointer) -> String? {
    var done = 0
    while done < bytes.count {
      // Safe: `done` is within the buffer.
      let count = unsafe Foundation.write(
        file, UnsafeRawBufferPointer(rebasing: bytes[done...]).baseAddress, bytes.count - done)
      if count < 0 {
        if errno == EINTR { continue }
        return systemMessage()
      }
      done += count
    }
    return nil
  }
}

extension Bytes {
  /// Writes stretches of bytes one behind the other as a file, as a whole or not at all.
  ///
  /// - Throws: `TensorIOError` where the file cannot be written.
  public static func write(_ parts: [Bytes], to path: String) throws(TensorIOError) {
    try AtomicFile.write(path, parts)
  }
}
