internal import CXXHash
internal import Foundation

/// A 128-bit hash of bytes (XXH3) as 32 hexadecimal digits, to see whether something changed.
func contentHash(_ bytes: some ContiguousBytes) -> String {
  let value = unsafe bytes.withUnsafeBytes {
    // Safe: the buffer holds `count` bytes.
    unsafe XXH3_128bits($0.baseAddress, $0.count)
  }
  return String(format: "%016llx%016llx", value.high64, value.low64)
}

/// The hash of a text.
func contentHash(_ text: String) -> String { contentHash(Array(text.utf8)) }

/// The files in a folder and below, by their paths in it, sorted; hidden and temporary ones left
/// out.
func filesBelow(_ folder: String) -> [String] {
  guard let names = FileManager.default.enumerator(atPath: folder) else { return [] }
  var files: [String] = []
  for case let name as String in names {
    let last = name.split(separator: "/").last ?? ""
    guard !last.hasPrefix("."), !last.hasSuffix(".partial"),
      names.fileAttributes?[.type] as? FileAttributeType == .typeRegular
    else { continue }
    files.append(name)
  }
  return files.sorted()
}

/// A file's size and time of change, which differ after almost any change; "missing" without a file.
func fileStamp(_ path: String) -> String {
  var status = stat()
  guard unsafe stat(path, &status) == 0 else { return "missing" }
  return "\(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
}

/// What differs after almost any change of a file, or of a file in a folder.
func sourceStamp(_ path: String) -> String {
  var isFolder: ObjCBool = false
  let isThere = unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
  return isThere && isFolder.boolValue ? FolderHash.stamp(path) : fileStamp(path)
}

/// The hash of a file's bytes, or of a folder's files; "missing" without either.
func fileContent(_ path: String) throws(PipelineError) -> String {
  var isFolder: ObjCBool = false
  guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
    return "missing"
  }
  return isFolder.boolValue ? try FolderHash.content(path) : try fileHash(path)
}

/// The hash of the bytes of a file that must be there.
private func fileHash(_ path: String) throws(PipelineError) -> String {
  guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped) else {
    throw PipelineError(.files, "\(path): cannot be read")
  }
  return contentHash(data)
}

/// The state of a folder: quick to take, and by content.
struct FolderHash {
  /// Names, sizes and times.
  static func stamp(_ folder: String, ignoring ignored: Set<String> = []) -> String {
    contentHash(
      filesBelow(folder).filter { !ignored.contains($0) }
        .map { "\($0) \(fileStamp(folder + "/" + $0))" }.joined(separator: "\n"))
  }

  /// Names and contents; a file that vanishes meanwhile is an error.
  static func content(
    _ folder: String, ignoring ignored: Set<String> = []
  ) throws(PipelineError) -> String {
    var lines: [String] = []
    for name in filesBelow(folder) where !ignored.contains(name) {
      lines.append("\(name) \(try fileHash(folder + "/" + name))")
    }
    return contentHash(lines.joined(separator: "\n"))
  }
}
