import Foundation
import TensorIO
import Testing

@Suite("AtomicFile")
struct AtomicFileTests {
  private let text: [UInt8] = Array("new".utf8)

  private func names(beside path: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(
      atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path
    ).sorted()
  }

  @Test(
    "a symbolic link stays, and its target is replaced, there or not",
    arguments: [Array("old".utf8), nil])
  func links(old: [UInt8]?) throws {
    try withTemporaryFile("target", old) { target in
      let link = target + ".link"
      for destination in [target, "target"] {
        try FileManager.default.createSymbolicLink(
          atPath: link, withDestinationPath: destination)
        try AtomicFile.write(link, [Bytes(text)])
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == destination)
        #expect(try contents(target) == text)
        #expect(try names(beside: link) == ["target", "target.link"])
        try FileManager.default.removeItem(atPath: link)
      }
    }
  }

  @Test("a pipe is written into and stays") func pipes() throws {
    try withTemporaryFile("pipe") { path in
      #expect(unsafe mkfifo(path, 0o600) == 0)
      let reader = unsafe open(path, O_RDONLY | O_NONBLOCK)
      defer { close(reader) }
      try AtomicFile.write(path, [Bytes(text), Bytes(text)])
      let read = FileHandle(fileDescriptor: reader).availableData
      #expect(Array(read) == text + text)
      #expect(try names(beside: path) == ["pipe"])
    }
  }

  @Test("names of up to 255 bytes", arguments: ["x", "\u{e9}"]) func names(letter: String) throws {
    let name = String(repeating: letter, count: 255 / letter.utf8.count)
    try withTemporaryFile(name) { path in
      try AtomicFile.write(path, [Bytes(text)])
      #expect(try contents(path) == text)
      #expect(try names(beside: path) == [name])
    }
  }

  @Test("a folder is not replaced") func folder() throws {
    try withTemporaryFile("a") { path in
      let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
      #expect(message { try AtomicFile.write(folder, [Bytes(text)]) }.contains("Is a directory"))
    }
  }
}
