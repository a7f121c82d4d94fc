import Foundation
import NROI
import Tensor
import TensorIO
import Testing

/// The program as a user calls it.
@Suite("fbr cluster")
struct ClusterCommandTests {
  private let program: Program
  private var folder: URL { program.folder }

  init() throws { program = try Program() }

  private func path(_ name: String) -> String { program.path(name) }

  private func fbr(_ arguments: [String]) throws -> Program.Ending {
    try program.run(["cluster"] + arguments)
  }

  /// Three groups of vectors on a 4 x 6 map.
  private func features() throws -> Tensor {
    var generator = PhiloxGenerator(seed: 3)
    var map = generator.normal(shape: [4, 6, 5], standardDeviation: 0.1)
    for y in 0..<4 {
      for x in 0..<6 { map[y, x, x / 2] += 4 }
    }
    try NPYFile.write(NumericArray(map), to: path("f.npy"))
    return map
  }

  @Test("the files hold what KMeans gives, map-shaped; JSON counts it")
  func kMeans() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let rows = try features().reshaped(24, 5)
    let run = try fbr(
      [path("f.npy"), "-k", "3", "--seed", "7", "--restarts", "2", "--json"]
        + ["--out", path("c.npy"), "--assignments", path("a.npy")])
    #expect(run.status == 0 && run.error.isEmpty)
    var generator = PhiloxGenerator(seed: 7)
    let expected = try KMeans(clusters: 3, restarts: 2).cluster(rows, using: &generator)
    #expect(try NPYFile.read(path("c.npy")).tensor == expected.centroids)
    let assignments = try NPYFile.read(path("a.npy"))
    #expect(assignments.shape == [4, 6] && assignments.type == .int32)
    #expect(assignments.integers == expected.assignments.indices.map(Int.init))
    let report = try #require(
      JSONSerialization.jsonObject(with: Data(run.out.utf8)) as? [String: Any])
    #expect(report["sizes"] as? [Int] == [8, 8, 8])
    #expect(report["rows"] as? Int == 24 && report["dimension"] as? Int == 5)
  }

  @Test(
    "every method finds the three groups",
    arguments: [
      ["--method", "ward"], ["--method", "average", "--metric", "cosine"],
      ["--method", "dbscan", "--radius", "1.5"], ["--mini-batch", "12"],
    ])
  func methods(options: [String]) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    _ = try features()
    let run = try fbr([path("f.npy"), "-k", "3", "--out", path("c.npy")] + options)
    #expect(run.status == 0)
    #expect(run.out.contains("0           8\n1           8\n2           8\n24 rows of 5"))
    #expect(try NPYFile.read(path("c.npy")).shape == [3, 5])
  }

  @Test("a missing file and a folder that is not there are errors of the system")
  func missing() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    var run = try fbr([path("no.npy"), "--out", path("c.npy")])
    #expect(run.status == 74 && run.error.contains("no.npy"))
    _ = try features()
    run = try fbr([path("f.npy"), "--out", path("none/c.npy")])
    #expect(run.status == 74 && run.error.contains("none/c.npy"))
  }

  @Test("data that cannot be grouped is an error that names file, row or shape")
  func badData() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    var rows = try features().reshaped(24, 5)
    rows[7, 2] = .nan
    try NPYFile.write(NumericArray(rows), to: path("nan.npy"))
    var run = try fbr([path("nan.npy"), "--out", path("c.npy")])
    #expect(run.status == 65)
    #expect(run.error.contains("nan.npy: clustering: row 7 has a value that is NaN or infinite"))
    try NPYFile.write(NumericArray(.ones([9])), to: path("flat.npy"))
    run = try fbr([path("flat.npy"), "--out", path("c.npy")])
    #expect(run.status == 65)
    #expect(run.error.contains("flat.npy: shape [9], expected [N, D] or [..., D], not empty"))
    try Data("text".utf8).write(to: folder.appendingPathComponent("text.npy"))
    run = try fbr([path("text.npy"), "--out", path("c.npy")])
    #expect(run.status == 65 && run.error.contains("text.npy"))
    #expect(!FileManager.default.fileExists(atPath: path("c.npy")))
  }

  @Test(
    "wrong usage is told before any work",
    arguments: [
      (["-k", "0"], "-k is 0, expected 1 or more"),
      (["--method", "dbscan"], "--method dbscan needs --radius"),
      (["--radius", "1"], "--radius goes with --method dbscan"),
      (["--method", "mean", "--metric", "cosine"], "--metric goes with"),
      (["--method", "spectral"], "spectral"),
    ])
  func usage(options: [String], message: String) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let run = try fbr(["f.npy", "--out", path("c.npy")] + options)
    #expect(run.status == 64 && run.error.contains(message))
  }
}
