import CRFRefine
import Datasets
import Foundation
import Tensor
import TensorIO
import Testing

@Suite("fbr crf")
struct CRFCommandTests {
  @Test("a mask moves to the picture's edges, as the library has it")
  func labels() throws {
    let program = try Program()
    defer { program.remove() }
    try program.drawScene("a")
    let run = try program.run(
      "crf", "--image", "image/a.png", "--labels", "rough/a.png", "--out", "out.png",
      "--out-probs", "q.npy", "--iterations", "5")
    #expect(run.status == 0 && run.error.isEmpty, "\(run.error)")
    #expect(try program.mask("out.png") == program.mask("mask/a.png"))
    let image = try Image(contentsOf: program.path("image/a.png"))
    let rough = try program.mask("rough/a.png")
    let indices = LabelMap(rough.labels.map { $0 == 3 ? 1 : $0 }, shape: rough.shape)
    let expected = try DenseCRF(
      image: image.pixels, height: 24, width: 32, preset: .irnSeed
    ).infer(Unary(labels: indices, labelCount: 2, confidence: 0.7), iterations: 5)
    // Labels 1 and 2 are in between and never there.
    let found = try NPYFile.read(program.path("q.npy")).tensor
    #expect(found.shape == [24, 32, 4])
    #expect(found.gather(IndexTensor([0, 3]), axis: 2) == expected)
    #expect(found.gather(IndexTensor([1, 2]), axis: 2) == .zeros([24, 32, 2]))
  }

  @Test("probabilities, either axis first, and score maps of classes")
  func probabilities() throws {
    let program = try Program()
    defer { program.remove() }
    try program.drawScene("a")
    let mask = try program.mask("rough/a.png")
    var last = Tensor.zeros([24, 32, 2])
    for (pixel, label) in mask.labels.enumerated() {
      last[pixel / 32, pixel % 32, 0] = label == 3 ? 0.2 : 0.8
      last[pixel / 32, pixel % 32, 1] = label == 3 ? 0.8 : 0.2
    }
    try NPYFile.write(NumericArray(last), to: program.path("last.npy"))
    try NPYFile.write(NumericArray(last.transposed([2, 0, 1])), to: program.path("first.npy"))
    let image = try Image(contentsOf: program.path("image/a.png"))
    let expected = try DenseCRF(
      image: image.pixels, height: 24, width: 32,
      kernels: [
        .gaussian(sxy: 2, compatibility: 3), .bilateral(sxy: 20, srgb: 13, compatibility: 4),
      ]
    ).inferLabels(Unary(probabilities: last), iterations: 10)
    let kernels = ["--gaussian", "2,3", "--bilateral", "20,13,4"]
    for (file, flags) in [("last.npy", []), ("first.npy", ["--channels-first"])] {
      let run = try program.run(
        ["crf", "--image", "image/a.png", "--probs", file, "--out", "out.png"] + kernels + flags)
      #expect(run.status == 0, "\(run.error)")
      #expect(try program.mask("out.png") == expected)
    }
    // Those of sigmoids, which sum to anything.
    try NPYFile.write(NumericArray(last * 0.5), to: program.path("half.npy"))
    var run = try program.run(
      ["crf", "--image", "image/a.png", "--probs", "half.npy", "--out", "half.png"] + kernels)
    #expect(try program.mask("half.png") == expected)
    run = try program.run(
      "crf", "--image", "image/a.png", "--probs", "first.npy", "--out", "out.png")
    #expect(run.status == 65)
    #expect(
      run.error == "Error: first.npy: shape [2, 24, 32], expected [24, 32, K] of up to 255 labels; "
        + "labels come first: add --channels-first\n")
    // A whole-size map of class 7.
    try NPZFile.write(
      [
        "classes": NumericArray(integers: [7], shape: [1]),
        "maps": NumericArray(last.sliced(1..<2, axis: 2)),
      ], to: program.path("maps.npz"))
    run = try program.run(
      "crf", "--image", "image/a.png", "--probs", "maps.npz", "--out", "out.png",
      "--background-exponent", "2")
    #expect(run.status == 0, "\(run.error)")
    #expect(try Set(program.mask("out.png").labels) == [0, 7])
  }

  @Test("a folder goes on where it stopped, tells what is broken, and keeps settings apart")
  func folder() throws {
    let program = try Program()
    defer { program.remove() }
    for id in ["a", "b", "c", "d"] { try program.drawScene(id) }
    let picture = URL(fileURLWithPath: program.path("image/b.png"))
    let whole = try Data(contentsOf: picture)
    try whole.prefix(whole.count / 2).write(to: picture)
    let arguments = ["crf", "--image", "image", "--labels", "rough", "--out", "out"]
    var run = try program.run(arguments + ["--json"])
    #expect(run.status == 65)
    #expect(
      run.error.contains("Error: image/b.png: cannot be read: the data ends early"), "\(run.error)")
    #expect(run.error.hasSuffix("Error: 1 of 4 pictures failed\n"))
    #expect(!program.exists("out/b.png"))
    // The ending's letters do not matter.
    try FileManager.default.moveItem(
      atPath: program.path("image/d.png"), toPath: program.path("image/d.Png"))
    try FileManager.default.removeItem(atPath: program.path("out/d.png"))
    let lines = try JSONSerialization.jsonObject(with: Data(run.out.utf8)) as? [[String: Any]]
    #expect(lines?.map { $0["id"] as? String } == ["a", "c", "d"])
    try whole.write(to: picture)
    run = try program.run(arguments)
    #expect(run.status == 0 && run.error.contains("2 of 4 are there already"))
    for id in ["a", "b", "c", "d"] {
      #expect(try program.mask("out/\(id).png") == program.mask("mask/\(id).png"))
    }
    run = try program.run(arguments + ["--iterations", "1"])
    #expect(run.status == 65)
    #expect(run.error.contains("out holds results of other settings"))
    run = try program.run(arguments + ["--iterations", "1", "--force"])
    #expect(run.status == 0, "\(run.error)")
  }
}
