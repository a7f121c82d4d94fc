import Autograd
import Backbone
import Datasets
import Foundation
import Logging
import Metrics
import Pipeline
import Tensor
import Testing

extension Manifest {
  /// The hashes of what all stages wrote; the report's page tells times and is no result.
  fileprivate var hashes: [String: String?] {
    stages.filter { $0.key != "report" }.mapValues(\.outputs)
  }
}

@Suite("Run", .serialized)
struct RunTests {
  @Test(
    "all stages run; done ones are skipped; another seed changes, the same seed repeats all bits")
  func repeats() throws {
    let tiny = try TinyRun()
    defer { tiny.remove() }
    let first = try tiny.execute(tiny.recipe(), in: "a")
    #expect(first.stages.count == StageName.allCases.count)
    #expect(first.stages.values.allSatisfy { $0.state == .done && $0.outputs != nil })
    let again = try tiny.execute(tiny.recipe(), in: "a")
    #expect(again == first)
    let other = try tiny.execute(tiny.recipe(), in: "b")
    #expect(other.hashes == first.hashes)
    let seeded = try tiny.execute(tiny.recipe(["randomSeed=2"]), in: "c", [.classify])
    #expect(seeded.stages["classify"]?.outputs != first.stages["classify"]?.outputs)

    // A setting of a late stage leaves the early ones alone.
    let changed = try tiny.execute(tiny.recipe(["propagate.threshold=0.5"]), in: "a")
    #expect(changed.stages["boundary"] == first.stages["boundary"])
    #expect(changed.stages["propagate"]?.basis.settings["propagate.threshold"] == "0.5")
    #expect(changed.stages["propagate"]?.finished != nil)

    // So does one of a host that is not used.
    let unused = try tiny.execute(tiny.recipe(["fbr.ppc.smallView=64"]), in: "b", [.fbr])
    #expect(unused.stages["fbr"] == other.stages["fbr"])

    // Files that someone put into a stage's folder are an input of what follows.
    let pictures = try FileManager.default.contentsOfDirectory(atPath: tiny.folder + "/a/seed")
    let seed = try #require(pictures.first { $0.hasSuffix(".png") })
    try FileManager.default.removeItem(atPath: tiny.folder + "/a/seed/" + seed)
    let repaired = try tiny.execute(
      tiny.recipe(["propagate.threshold=0.5"]), in: "a", [.seed])
    #expect(repaired.stages["seed"]?.outputs == first.stages["seed"]?.outputs)

    let scores = try RunScores(contentsOf: "\(tiny.folder)/a/evaluate/\(RunScores.file)")
    #expect(
      scores.subjects.map(\.name)
        == ["cam", "seed", "activate", "relabel", "propagate", "predict"])
    #expect(scores.classification?.meanAveragePrecision != nil)
  }

  @Test("pictures that were copied or touched are the same, changed ones are not")
  func data() throws {
    let tiny = try TinyRun()
    defer { tiny.remove() }
    let first = try tiny.execute(tiny.recipe(), in: "a", [.classify])
    let list = try String(
      contentsOfFile: tiny.sample + "/ImageSets/Segmentation/train.txt", encoding: .utf8)
    let pictures = list.split(separator: "\n").map { "\(tiny.sample)/JPEGImages/\($0).png" }
    for picture in pictures {
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 1e9)], ofItemAtPath: picture)
    }
    let touched = try tiny.execute(tiny.recipe(), in: "a", [.classify])
    #expect(touched.stages == first.stages)
    #expect(touched.sources != first.sources)
    let other = try Data(contentsOf: URL(fileURLWithPath: pictures[1]))
    try other.write(to: URL(fileURLWithPath: pictures[0]))
    let changed = try tiny.execute(tiny.recipe(), in: "a", [.classify])
    #expect(changed.stages["classify"]?.outputs != first.stages["classify"]?.outputs)
  }

  @Test("a mask of another size is named, with its picture and what it is held against")
  func otherSize() throws {
    let tiny = try TinyRun()
    defer { tiny.remove() }
    let recipe = try tiny.recipe(["evaluate.subjects=[seed]"])
    _ = try tiny.execute(recipe, in: "a", [.classify, .cam, .seed])
    let mask = tiny.sample + "/SegmentationClass/s000001.png"
    try LabelMap(repeating: 0, shape: [40, 50]).writePNG(to: mask)
    #expect {
      _ = try tiny.execute(recipe, in: "a", [.evaluate])
    } throws: {
      "\($0)".contains(
        "picture 's000001': \(tiny.folder)/a/seed/s000001.png against \(mask): confusion matrix: ")
    }
  }

  @Test("a recipe is read from a pipe to its end") func pipe() throws {
    let tiny = try TinyRun()
    defer { tiny.remove() }
    let recipe = try tiny.recipe()
    let pipe = tiny.folder + "/pipe"
    #expect(unsafe mkfifo(pipe, 0o600) == 0)
    let text = try Data(contentsOf: URL(fileURLWithPath: tiny.recipePath))
    let writer = Thread { try? FileHandle(forWritingAtPath: pipe)?.write(contentsOf: text) }
    writer.start()
    #expect(try Recipe(contentsOf: pipe).yaml() == recipe.yaml())
  }

  @Test("weights count by what their file holds, not by where it lies")
  func weights() throws {
    let tiny = try TinyRun()
    defer { tiny.remove() }
    func write(_ name: String, seed: UInt64) throws {
      var generator = PhiloxGenerator(seed: seed)
      try NetworkName.resnetSample.makeNetwork(
        outputStride: 16, random: RandomSource(generator), using: &generator
      ).saveWeights(to: "\(tiny.folder)/\(name)")
    }
    func classify(_ name: String) throws -> Manifest {
      let recipe = try tiny.recipe(["network.weights=\(tiny.folder)/\(name)"])
      return try tiny.execute(recipe, in: "a", [.classify, .cam])
    }
    try write("first.safetensors", seed: 1)
    let first = try classify("first.safetensors")
    try FileManager.default.moveItem(
      atPath: tiny.folder + "/first.safetensors", toPath: tiny.folder + "/moved.safetensors")
    #expect(try classify("moved.safetensors").stages == first.stages)
    try write("moved.safetensors", seed: 2)
    let other = try classify("moved.safetensors")
    #expect(other.stages["classify"]?.outputs != first.stages["classify"]?.outputs)
    #expect(throws: (any Error).self) { try classify("gone.safetensors") }
  }

  @Test("PSA instead of IRN, exponents, instances, CRFs and a moving average can be chosen")
  func alternatives() throws {
    let tiny = try TinyRun()
    defer { tiny.remove() }
    let recipe = try tiny.recipe([
      "boundary.method=psa", "relabel.rule=exponents", "propagate.maps=cam",
      "propagate.crf=psa", "classify.training.usesAverage=true", "segment.head=deeplab-v3plus",
      "fbr.heads=single", "fbr.clustering=random", "classify.pooling=thresholded",
      "predict.window=48", "cam.views.longSide=96",
    ])
    #expect(try tiny.execute(recipe, in: "a").stages.count == StageName.allCases.count)
    let instances = try tiny.recipe(["propagate.instances=true"])
    _ = try tiny.execute(
      instances, in: "b",
      [.classify, .cam, .seed, .fbr, .activate, .relabel, .boundary, .propagate])
    let made = try FileManager.default.contentsOfDirectory(
      atPath: tiny.folder + "/b/propagate/instances")
    #expect(made.count == 48)
    let labelled = try tiny.recipe([
      "propagate.walk=false", "propagate.rule=otsu", "propagate.crf=irn-seed",
    ])
    #expect(!labelled.stages.contains(.boundary))
    _ = try tiny.execute(labelled, in: "b", [.propagate])
    let masks = try FileManager.default.contentsOfDirectory(atPath: tiny.folder + "/b/propagate")
    #expect(masks.count == 24)
    #expect(masks.allSatisfy { $0.hasSuffix(".png") })
    let supervised = try tiny.recipe(["segment.fullySupervised=true", "segment.initial=network"])
    #expect(supervised.stages == [.segment, .predict, .evaluate, .report])
    let manifest = try tiny.execute(supervised, in: "c", [.segment, .predict, .evaluate])
    #expect(manifest.stages.count == 3)
    #expect(try SegmentationModel(contentsOf: tiny.folder + "/c").isFullySupervised)
  }

  @Test("the saliency route needs no classifier, and a changed saliency map trains it anew")
  func saliencyRoute() throws {
    let tiny = try TinyRun()
    defer { tiny.remove() }
    let recipe = try tiny.recipe(TinyRun.saliencyRoute)
    // Pictures that are predicted need none: s000025 is the first of the validation list.
    try FileManager.default.removeItem(atPath: "\(tiny.sample)/saliency/s000025.png")
    let first = try tiny.execute(recipe, in: "a", recipe.stages)
    #expect(
      Set(first.stages.keys) == [
        "fbr", "activate", "propagate", "relabel", "segment", "predict", "evaluate", "report",
      ])
    let scores = try RunScores(contentsOf: "\(tiny.folder)/a/evaluate/\(RunScores.file)")
    #expect(scores.subjects.map(\.name) == ["activate", "relabel", "propagate", "predict"])
    let figures = try #require(first.stages["fbr"]?.figures)
    for name in ["saliency", "equivariance", "prototypes", "separation", "queries"] {
      #expect(figures["final \(name)"] ?? 0 > 0, "\(name)")
    }

    let path = "\(tiny.sample)/saliency/s000001.png"
    let map = try GrayImage(contentsOf: path)
    try GrayImage(map.values.map { 255 - $0 }, height: map.height, width: map.width)
      .writePNG(to: path)
    let changed = try tiny.execute(recipe, in: "a", [.fbr])
    #expect(changed.stages["fbr"]?.outputs != first.stages["fbr"]?.outputs)
    try FileManager.default.removeItem(atPath: path)
    #expect {
      try tiny.execute(recipe, in: "c", [.fbr])
    } throws: {
      "\($0)".contains("no saliency map of 's000001'")
    }
    #expect {
      _ = try tiny.recipe(TinyRun.saliencyRoute + ["data.saliency=''"])
    } throws: {
      "\($0)".contains("data.saliency")
    }
  }

  @Test("segmentation has a network of its own where the recipe names one")
  func otherNetwork() throws {
    let tiny = try TinyRun()
    defer { tiny.remove() }
    let recipe = try tiny.recipe([
      "segment.network.name=efficientnet-lite0", "segment.initial=network",
      "propagate.walk=false", "propagate.maps=cam",
    ])
    #expect(recipe.network.name == "resnet-sample")
    #expect(recipe.segment.network.outputStride == 16)
    #expect(!recipe.segment.network.fixedBatchNorm)
    let manifest = try tiny.execute(
      recipe, in: "a", [.classify, .cam, .propagate, .segment, .predict, .report])
    #expect(manifest.stages["predict"] != nil)
    let model = try SegmentationModel(contentsOf: tiny.folder + "/a")
    #expect(model.normalization.mean == InputPreset.efficientNetLite.mean)
    let report = try String(contentsOfFile: tiny.folder + "/a/report/index.html", encoding: .utf8)
    #expect(
      report.contains(
        "resnet-sample, output stride 16, random weights; segmentation by efficientnet-lite0"))
    #expect(try Recipe(yaml: recipe.yaml()) == recipe)
  }

  @Test("CAMs are weighed and spread by the powers of a recipe") func powers() throws {
    let tiny = try TinyRun()
    defer { tiny.remove() }
    let made = try [[], ["cam.normPower=1"], ["cam.normPower=2"], ["cam.affinityPower=2"]].map {
      try tiny.execute(tiny.recipe($0), in: "a", [.classify, .cam]).stages["cam"]?.outputs
    }
    #expect(Set(made.compactMap(\.self)).count == 4)
  }

  @Test("one process at a time works in a run") func lock() throws {
    let tiny = try TinyRun()
    defer { tiny.remove() }
    let held = try RunFolder(tiny.folder + "/a")
    #expect {
      _ = try RunFolder(tiny.folder + "/a")
    } throws: { error in
      "\(error)".hasSuffix("(process \(getpid())) works in this run")
    }
    withExtendedLifetime(held) {}
  }

  @Test("a stage whose inputs are missing, a broken manifest and a broken model say so")
  func broken() throws {
    let tiny = try TinyRun()
    defer { tiny.remove() }
    #expect {
      _ = try tiny.execute(tiny.recipe(), in: "a", [.seed])
    } throws: { error in
      "\(error)".hasPrefix("seed reads what cam makes, which is not done in")
    }
    try Data("{".utf8).write(to: URL(fileURLWithPath: tiny.folder + "/a/manifest.json"))
    #expect {
      _ = try tiny.execute(tiny.recipe(), in: "a", [.seed])
    } throws: { error in
      "\(error)".contains("manifest.json: is no manifest of a run")
    }
    try Data("x".utf8).write(to: URL(fileURLWithPath: tiny.folder + "/m.safetensors"))
    #expect {
      _ = try SegmentationModel(contentsOf: tiny.folder + "/m.safetensors")
    } throws: { error in
      "\(error)".contains("m.safetensors: is not a .safetensors file")
    }
    #expect {
      _ = try tiny.execute(tiny.recipe(["data.root=/nowhere"]), in: "b", [.classify])
    } throws: { error in
      "\(error)".contains("/nowhere")
    }
  }

  @Test("a training that diverges says where and what to lower; a foreign checkpoint is named")
  func checkpoint() throws {
    let tiny = try TinyRun()
    defer { tiny.remove() }
    _ = try tiny.execute(tiny.recipe(), in: "a", [.classify, .cam, .seed])
    let rates = ["fbr.training.learningRate=1e30", "fbr.training.headLearningRate=1e30"]
    func train() throws {
      let recipe = try tiny.recipe(rates + ["fbr.training.checkpointSteps=1"])
      _ = try tiny.execute(recipe, in: "a", [.fbr])
    }
    #expect {
      try train()
    } throws: { error in
      let text = "\(error)"
      return text.hasPrefix("fbr: ") && text.contains(" at step 2 of 6; ")
        && text.contains("a/not-finite.json. A lower fbr.training.learningRate")
    }
    let path = tiny.folder + "/a/fbr/checkpoint.safetensors"
    let told = "so it is no checkpoint of training; remove it to train from the start"
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.copyItem(
      atPath: tiny.folder + "/a/classify/model.safetensors", toPath: path)
    #expect {
      try train()
    } throws: { error in
      (error as? PipelineError)?.kind == .data && "\(error)".hasSuffix(told)
    }
  }

  @Test(
    "killed at many random moments, a run ends with the bits of one that was not",
    arguments: [[], TinyRun.saliencyRoute])
  func kills(overrides: [String]) throws {
    let tiny = try TinyRun()
    defer { tiny.remove() }
    let recipe = try tiny.recipe(overrides)
    let whole = try tiny.execute(recipe, in: "whole", recipe.stages)
    var random = SystemRandomNumberGenerator()
    var kills = 0
    var isDone = false
    for _ in 0..<400 where !isDone {
      let process = try tiny.start(
        ["run", tiny.recipePath, "--run", tiny.folder + "/killed", "--quiet"]
          + overrides.flatMap { ["--set", $0] })
      // A whole run takes seconds: short patience makes sure of many kills.
      let patience = Double.random(in: 0.01...0.08, using: &random)
      let end = Date().addingTimeInterval(kills < 30 ? patience : 600)
      while process.isRunning && Date() < end { usleep(2000) }
      if process.isRunning {
        kill(process.processIdentifier, SIGKILL)
        kills += 1
      }
      process.waitUntilExit()
      if process.terminationReason == .exit {
        #expect(process.terminationStatus == 0)
        isDone = true
      }
    }
    #expect(isDone && kills >= 10, "\(kills) kills")
    let manifest = try Manifest(contentsOf: tiny.folder + "/killed/manifest.json")
    #expect(manifest.hashes == whole.hashes)
  }
}
