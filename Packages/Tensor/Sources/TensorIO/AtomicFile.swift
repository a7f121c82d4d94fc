internal import Foundation

/// Writes a file as a whole or not at all: under a temporary name beside it, then renamed.
///
/// A symbolic link stays, its target is replaced; devices and pipes are written into.
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
    let isReplaced = isReplaceable(path)
    let target = isReplaced ? target(of: path) : path
    let name = isReplaced ? temporaryName(beside: target) : path
    let file = unsafe open(
      name, O_WRONLY | O_CLOEXEC | (isReplaced ? O_CREAT | O_EXCL : 0), 0o666)
    guard file >= 0 else { throw TensorIOError(path, "cannot be written: \(systemMessage())") }
    var failure: String?
    for part in parts where failure == nil {
      failure = unsafe part.withUnsafeBytes { unsafe writeAll(file, $0) }
    }
    // Pipes and devices have no disk to wait for.
    if isReplaced && isFlushed && failure == nil && fsync(file) != 0 { failure = systemMessage() }
    if close(file) != 0 && failure == nil { failure = systemMessage() }
    if isReplaced && failure == nil, unsafe rename(name, target) != 0 { failure = systemMessage() }
    if let failure {
      if isReplaced { unsafe unlink(name) }
      throw TensorIOError(path, "cannot be written: \(failure)")
    }
  }

  /// Whether there is nothing yet, or a regular file.
  private static func isReplaceable(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG
  }

  /// The file that a symbolic link leads to, which need not exist; the path itself where it is none.
  private static func target(of path: String) -> String {
    var path = path
    // As many as Linux follows.
    for _ in 0..<40 {
      guard let link = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else {
        break
      }
      path = link.hasPrefix("/") ? link : folder(of: path) + link
    }
    return path
  }

  /// A name in the file's folder that no other write has, of no more than the 255 bytes there may be.
  private static func temporaryName(beside path: String) -> String {
    let folder = folder(of: path)
    var name = path.dropFirst(folder.count)
    let suffix = ".\(getpid()).\(UInt32.random(in: 0...UInt32.max)).partial"
    while name.utf8.count + suffix.utf8.count > 255 { name.removeLast() }
    return folder + name + suffix
  }

  /// All up to the last slash.
  private static func folder(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
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
