import Datasets
import Foundation
import Tensor
import TensorIO
import Testing

/// The program as a user calls it, and a folder for its files.
struct Program {
  let folder: URL

  struct Ending {
    let status: Int32
    let out, error: String

    /// Standard output as a JSON object.
    func object() throws -> [String: Any] {
      try #require(JSONSerialization.jsonObject(with: Data(out.utf8)) as? [String: Any])
    }
  }

  init() throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("fbr-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }

  func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  func makeFolder(_ name: String) throws {
    try FileManager.default.createDirectory(
      atPath: path(name), withIntermediateDirectories: true)
  }

  func write(_ text: String, _ name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
  }

  /// Runs `fbr` in the folder.
  func run(_ arguments: String...) throws -> Ending { try run(arguments) }

  /// Beside the test runner in the build folder.
  let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("fbr")

  /// Runs `fbr`, or another program, with standard output somewhere else, or variables more.
  func run(
    _ arguments: [String], program: String? = nil, output: Any? = nil,
    environment: [String: String] = [:]
  ) throws -> Ending {
    let process = Process()
    let (out, error) = (Pipe(), Pipe())
    process.executableURL = program.map { URL(fileURLWithPath: $0) } ?? executable
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.currentDirectoryURL = folder
    process.standardOutput = output ?? out
    process.standardError = error
    try process.run()
    if output != nil { try out.fileHandleForWriting.close() }
    let text = String(decoding: out.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let message = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return Ending(status: process.terminationStatus, out: text, error: message)
  }

  /// A picture of a red square on green, `image/<id>.png`, with its mask `mask/<id>.png` of label 3,
  /// one that lacks a row and has a spot too many, `rough/<id>.png`, and its score maps
  /// `maps/<id>.npz` of classes 3 and 5 at half the size.
  func drawScene(_ id: String, height: Int = 24, width: Int = 32) throws {
    for name in ["image", "mask", "rough", "maps", "edge"] { try makeFolder(name) }
    var pixels: [UInt8] = []
    var labels = [UInt8](repeating: 0, count: height * width)
    for row in 0..<height {
      for column in 0..<width {
        let isInside = (6..<18).contains(row) && (8..<24).contains(column)
        let shade = UInt8((row * 7 + column * 5) % 9)
        pixels += isInside ? [200 + shade, 30, 20 + shade] : [20, 160 + shade, 40 + shade]
        labels[row * width + column] = isInside ? 3 : 0
      }
    }
    try Image(pixels, height: height, width: width).writePNG(to: path("image/\(id).png"))
    try LabelMap(labels, shape: [height, width]).writePNG(to: path("mask/\(id).png"))
    var rough = labels
    for column in 8..<24 { rough[6 * width + column] = 0 }
    rough[2 * width + 2] = 3
    rough[20 * width + 30] = 255
    try LabelMap(rough, shape: [height, width]).writePNG(to: path("rough/\(id).png"))
    let (rows, columns) = (height / 2, width / 2)
    var maps = Tensor.zeros([rows, columns, 2])
    var edge = Tensor.zeros([rows, columns])
    for row in 0..<rows {
      for column in 0..<columns {
        let isInside = (3..<9).contains(row) && (4..<12).contains(column)
        let isCore = (5..<7).contains(row) && (6..<10).contains(column)
        maps[row, column, 0] = isCore ? 1 : 0.01
        maps[row, column, 1] = 0.005
        let isInner = (4..<8).contains(row) && (5..<11).contains(column)
        edge[row, column] = isInside && !isInner ? 0.95 : 0.02
      }
    }
    try NPZFile.write(
      [
        "classes": NumericArray(integers: [3, 5], shape: [2], as: .int32),
        "maps": NumericArray(maps, as: .float16),
      ], to: path("maps/\(id).npz"))
    try NPYFile.write(NumericArray(edge), to: path("edge/\(id).npy"))
  }

  func mask(_ name: String) throws -> LabelMap { try LabelMap(contentsOf: path(name)) }
}
