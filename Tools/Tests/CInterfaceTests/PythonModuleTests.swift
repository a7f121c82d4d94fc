import Autograd
import Contrast
import Foundation
import NROI
import Tensor
import TensorIO
import Testing

/// The Python module's own tests, with numbers that Swift computes here.
@Suite("Python module")
struct PythonModuleTests {
  private static let python = ProcessInfo.processInfo.environment["PYTHON"] ?? "python3"

  private static func run(
    _ arguments: [String], _ environment: [String: String] = [:]
  ) -> (status: Int32, text: String) {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [python] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardOutput = output
    process.standardError = output
    guard (try? process.run()) != nil else { return (127, "") }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text)
  }

  @Test(
    "its tests pass, and its numbers are Swift's to the bit",
    .enabled(
      if: run(["-c", "import numpy"]).status == 0,
      "no python3 with numpy here; PYTHON=... names another"))
  func tests() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("fbr-numbers-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try writeNumbers(to: folder)
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../../Packages/Contrast/Python/tests").standardized.path
    // Beside the test runner in the build folder.
    let library = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      .deletingLastPathComponent().appendingPathComponent("libfbrc.so").path
    let (status, text) = Self.run(
      ["-m", "unittest", "discover", "-v", "-s", tests],
      ["FBR_NUMBERS": folder.path, "FBR_LIBRARY": library, "PYTHONDONTWRITEBYTECODE": "1"])
    #expect(status == 0, "\(text)")
    #expect(text.contains("test_loss (test_fbr.SwiftTests.test_loss) ... ok"), "\(text)")
  }

  private func writeNumbers(to folder: URL) throws {
    func write(_ name: String, _ array: NumericArray) throws {
      try NPYFile.write(array, to: folder.appendingPathComponent(name + ".npy").path)
    }
    let step = try Step()
    let (loss, zf, zb) = try step.loss()
    let found = loss.statistics
    var generator = PhiloxGenerator(seed: 2)
    let rows = generator.normal(shape: [90, 6])
    generator = PhiloxGenerator(seed: 3)
    let clusters = try KMeans(clusters: 4, restarts: 2).cluster(rows, using: &generator)
    let regions = try NegativeRegions(
      embeddings: step.zb, labels: step.seeds.labels, clustering: KMeans(clusters: 3), seed: 1,
      step: 4)
    let losses = [
      found.total, found.foregroundBackground, found.intraForeground, found.separation,
      Float(found.queries),
    ]
    for (name, tensor) in [
      ("zf", step.zf), ("zb", step.zb), ("logits", step.logits), ("labels", step.labels),
      ("bank", step.bank), ("losses", Tensor(losses)),
      ("gradient_zf", zf.gradient ?? .zeros(zf.shape)),
      ("gradient_zb", zb.gradient ?? .zeros(zb.shape)), ("rows", rows),
      ("centroids", clusters.centroids), ("regions", regions.centroids),
    ] {
      try write(name, NumericArray(tensor))
    }
    let assignments = clusters.assignments.indices.map(Int.init)
    try write("assignments", NumericArray(integers: assignments, shape: [90], as: .int32))
  }
}
