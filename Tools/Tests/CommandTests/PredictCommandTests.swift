import Autograd
import Backbone
import Datasets
import Foundation
import Pipeline
import Tensor
import TensorIO
import Testing

@Suite("fbr predict")
struct PredictCommandTests {
  /// A network of three classes as the stage `segment` writes it.
  private func writeModel(_ path: String, seed: UInt64 = 5) throws {
    var generator = PhiloxGenerator(seed: seed)
    let random = RandomSource(generator)
    let backbone = try NetworkName(named: "resnet-sample").makeNetwork(
      outputStride: 16, random: random, using: &generator)
    let head = try SegmentationHeadName(named: "deeplab-v2").makeHead(
      for: backbone, classCount: 4, random: random, using: &generator)
    try SegmentationNetwork(backbone: backbone, head: head).saveWeights(
      to: path,
      metadata: [
        "network": "resnet-sample", "outputStride": "16", "head": "deeplab-v2",
        "classes": "cat\ndog\nbird", "supervision": "pseudo masks",
      ])
  }

  @Test("masks are the model's; a broken picture is told and the others go on")
  func predict() throws {
    let program = try Program()
    defer { program.remove() }
    for id in ["a", "b"] { try program.drawScene(id) }
    try writeModel(program.path("model.safetensors"))
    try program.write("no picture", "image/broken.png")
    let arguments = [
      "predict", "--model", "model.safetensors", "image", "--out", "out", "--scales", "1,0.5",
      "--no-crf",
    ]
    var run = try program.run(arguments + ["--overlay", "--probs"])
    #expect(run.status == 65)
    #expect(run.error.contains("Error: image/broken.png: "), "\(run.error)")
    #expect(run.error.hasSuffix("Error: 1 of 3 pictures failed\n"))
    #expect(run.out.contains("out/a.png: ") && run.out.contains("out/b.png: "))
    let model = try SegmentationModel(contentsOf: program.path("model.safetensors"))
    var settings = PredictSettings()
    (settings.views.scales, settings.crf) = ([1, 0.5], false)
    let image = try Image(contentsOf: program.path("image/a.png"))
    let expected = try model.labels(image, settings)
    #expect(try program.mask("out/a.png") == expected)
    let values = try NPZFile.read(program.path("out/a.npz"))["probabilities"]
    #expect(values?.shape == [24, 32, 4])
    #expect(try Image(contentsOf: program.path("out/overlay/a.jpg")).width == 32)

    run = try program.run(arguments + ["--json"])
    #expect(run.status == 65 && run.error.contains("2 of 3 are there already"))
    let lines = try JSONSerialization.jsonObject(with: Data(run.out.utf8)) as? [[String: Any]]
    #expect(lines?.map { $0["mask"] as? String } == ["out/a.png", "out/b.png"])
    try FileManager.default.removeItem(atPath: program.path("out/overlay/b.jpg"))
    run = try program.run(arguments + ["--overlay"])
    #expect(run.error.contains("1 of 3 are there already"))
    #expect(program.exists("out/overlay/b.jpg"))
    run = try program.run(arguments + ["--window", "64"])
    #expect(run.status == 65 && run.error.contains("out holds results of other settings"))
    // A model of the same name that is another.
    try writeModel(program.path("model.safetensors"), seed: 6)
    run = try program.run(arguments)
    #expect(run.status == 65 && run.error.contains("other settings (hash of the model "))
  }

  @Test("a model that was converted is one, weights alone are none") func converted() throws {
    let program = try Program()
    defer { program.remove() }
    try program.drawScene("a")
    try writeModel(program.path("model.safetensors"))
    for name in ["m.safetensors", "m.npz"] {
      #expect(try program.run("weights", "convert", "model.safetensors", name).status == 0)
    }
    let predict = ["predict", "image/a.png", "--out", "out", "--scales", "1", "--model"]
    #expect(try program.run(predict + ["m.safetensors"]).status == 0)
    let run = try program.run(predict + ["m.npz"])
    #expect(run.status == 65)
    #expect(
      run.error == "Error: m.npz: holds weights alone; a model of fbr is a .safetensors file that "
        + "names its network and classes too\n")
  }
}
