import CRFRefine
import Datasets
import Foundation
import Tensor
import TensorIO
import Testing

@Suite("fbr propagate")
struct PropagateCommandTests {
  @Test("scores spread to the edges, as the library has it; reports and summary tell of it")
  func edges() throws {
    let program = try Program()
    defer { program.remove() }
    for id in ["a", "b"] { try program.drawScene(id) }
    try program.write("one\ntwo\nsquare\nfour\nfive\n", "classes.txt")
    let arguments = [
      "propagate", "--maps", "maps", "--edges", "edge", "--image", "image", "--out", "out",
      "--log-steps", "4", "--radius", "3", "--classes", "classes.txt",
    ]
    var run = try program.run(arguments + ["--json"])
    #expect(run.status == 0, "\(run.error)")
    let summary = try run.object()
    #expect(summary["masks"] as? Int == 2)
    let warnings = try #require(summary["warnings"] as? [String])
    #expect(warnings == ["no mask has class 5, though images are labelled with it"])
    let classes = try #require(summary["classes"] as? [[String: Any]])
    #expect(classes[3]["name"] as? String == "square" && classes[3]["masks"] as? Int == 2)

    let maps = try NPZFile.read(program.path("maps/a.npz"))["maps"]?.tensor
    let edge = try NPYFile.read(program.path("edge/a.npy")).tensor
    let walked = try RandomWalk(beta: 10, steps: 16).propagate(
      #require(maps), boundary: edge, radius: 3)
    let expected = try PseudoMasks().mask(maps: walked, classes: [3, 5], height: 24, width: 32)
    #expect(try program.mask("out/a.png") == expected.labels)
    let report = try #require(
      JSONSerialization.jsonObject(
        with: Data(contentsOf: URL(fileURLWithPath: program.path("out/a.json"))))
        as? [String: Any])
    #expect(report["threshold"] as? Double == Double("\(expected.threshold)"))
    let shares = try #require(report["classes"] as? [[String: Any]])
    #expect(shares[0]["pixels"] as? Int == expected.classes[0].pixelCount)

    // The second call makes nothing and still knows the whole folder.
    run = try program.run(arguments)
    #expect(run.status == 0 && run.error.contains("2 of 2 are there already"))
    #expect(run.out.contains("square") && run.out.contains("2 masks, 0.00 % unknown, in out"))
  }

  @Test("features walk too, and maps alone are cut; one file prints its report")
  func others() throws {
    let program = try Program()
    defer { program.remove() }
    try program.drawScene("a")
    let edge = try NPYFile.read(program.path("edge/a.npy")).tensor
    try NPYFile.write(NumericArray(edge.reshaped(12, 16, 1) * 20), to: program.path("f.npy"))
    var run = try program.run(
      "propagate", "--maps", "maps/a.npz", "--features", "f.npy", "--threshold", "0.5",
      "--log-steps", "2", "--out", "a.png")
    #expect(run.status == 0, "\(run.error)")
    #expect(run.out.contains("threshold 0.5, 0.00 % unknown, written to a.png"))
    let maps = try #require(NPZFile.read(program.path("maps/a.npz"))["maps"]?.tensor)
    let walked = try RandomWalk(beta: 8, steps: 4).propagate(
      maps, over: AffinityGraph(features: edge.reshaped(12, 16, 1) * 20))
    #expect(
      try program.mask("a.png")
        == PseudoMasks(threshold: .constant(0.5))
        .mask(maps: walked, classes: [3, 5], height: 12, width: 16).labels)
    run = try program.run(
      "propagate", "--maps", "maps/a.npz", "--threshold", "0.5", "--out", "b.png", "--json")
    #expect(run.status == 0, "\(run.error)")
    #expect(try program.mask("b.png").labels.count { $0 == 3 } == 8)
    #expect(try run.object()["unknownShare"] as? Double == 0)
  }
}
