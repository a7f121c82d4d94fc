import Contrast
import Foundation
import Pipeline
import Testing

@Suite("Recipe")
struct RecipeTests {
  /// The text of the error that a recipe gives, weights apart.
  private func error(_ yaml: String, _ overrides: String...) -> String {
    do {
      _ = try Recipe(
        yaml: yaml, path: "r.yaml", overrides: ["network.weights=w.pth"] + overrides)
      return "no error"
    } catch {
      return error.description
    }
  }

  private let sound = "data: {root: somewhere}\n"

  @Test("what is written reads back the same") func roundTrip() throws {
    var recipe = Recipe()
    recipe.data.root = "somewhere"
    recipe.fbr.clusters = 6
    recipe.fbr.loss.background = .pixels
    recipe.network.name = "efficientnet-lite0"
    recipe.network.weights = "w.pth"
    recipe.segment.network = recipe.network
    #expect(try Recipe(yaml: recipe.yaml()) == recipe)
    (recipe.data.root, recipe.classify.training.clipNorm) = ("1e3", 1e-7)
    #expect(try Recipe(yaml: recipe.yaml()) == recipe)
  }

  @Test("numbers are written as people write them") func numbers() throws {
    var recipe = Recipe()
    recipe.data.root = "9e-1"
    recipe.cam.views.scales = [0.5, 2]
    let lines = recipe.yaml().split(separator: "\n").map { $0.drop { $0 == " " } }
    for line in [
      "root: '9e-1'", "- 0.5", "- 2", "momentum: 0.9", "clipNorm: 0", "learningRate: 0.00025",
      "fixedBatchNorm: true", "labels: ''",
    ] {
      #expect(lines.contains { $0 == line }, "\(line)")
    }
  }

  @Test("a file changes what it names and nothing else") func overlay() throws {
    var expected = Recipe()
    expected.data.root = "somewhere"
    expected.network.weights = "w.pth"
    expected.segment.network = expected.network
    expected.classify.training.epochs = 2
    let weights = "network.weights=w.pth"
    #expect(
      try Recipe(yaml: sound + "classify: {training: {epochs: 2}}", overrides: [weights])
        == expected)
    expected.classify.training.epochs = 7
    expected.cam.views.scales = [1, 2]
    #expect(
      try Recipe(
        yaml: sound + "classify: {training: {epochs: 2}}",
        overrides: ["classify.training.epochs=7", "cam.views.scales=[1, 2]", weights]) == expected)
  }

  @Test("what segment.network leaves out is the network's") func segmentationNetwork() throws {
    let network = sound + "network: {name: resnet38, outputStride: 8, weights: a.pth}\n"
    let alike = try Recipe(yaml: network)
    #expect(alike.segment.network == alike.network)
    #expect(alike.network.weights == "a.pth")
    let other = try Recipe(
      yaml: network + "segment: {network: {name: resnet101}}",
      overrides: ["segment.network.weights=b.pth", "network.frozenStages=2"])
    #expect(other.network.name == "resnet38")
    #expect(other.segment.network.name == "resnet101")
    #expect(other.segment.network.weights == "b.pth")
    #expect(other.segment.network.outputStride == 8)
    #expect(other.segment.network.frozenStages == 2)
    #expect(try Recipe(yaml: other.yaml()) == other)
    #expect(
      error(network + "segment: {network: {outputStride: 16}}")
        == "r.yaml:3: segment.network.outputStride is 16, expected one of [8] for resnet38")
    #expect(
      error(sound + "network: {outputStride: 12}").split(separator: "\n").count == 1)
    #expect(
      error(sound + "segment: {network: {name: resnet101}, initial: classify}")
        == "r.yaml:2: segment.initial is classify, expected network, "
        + "as segment.network is resnet101 and network resnet50")
  }

  @Test("the recipes that come with the program can be followed")
  func shipped() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Recipes").standardizedFileURL.path
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasSuffix(".yaml") }
    #expect(names.contains("sample.yaml") && names.contains("voc-amn.yaml"))
    let overrides = [
      "voc-amn.yaml": ["network.weights=resnet50.pth"],
      "voc-ppc.yaml": ["network.weights=resnet38.pth"],
    ]
    for name in names {
      _ = try Recipe(contentsOf: "\(folder)/\(name)", overrides: overrides[name] ?? [])
    }
  }

  @Test("unknown keys, wrong types and impossible values name file, line and what is expected")
  func broken() {
    #expect(
      error(sound + "\nclassify:\n  trainning: {epochs: 2}").hasPrefix(
        "r.yaml:4: unknown key 'classify.trainning'; 'classify' has training, augmentation"))
    #expect(
      error(sound + "classify:\n  training:\n    epochs: many")
        == "r.yaml:4: classify.training.epochs is 'many', expected a whole number")
    #expect(
      error(
        sound + "fbr:\n  heads: two\n  banc: 1\ncam: {views: {scales: [1, x]}, normPower: true}",
        "seed.rule=best", "cam.validation=0"
      ).split(separator: "\n").map { $0.prefix { $0 != "," && $0 != ";" } } == [
        "r.yaml:4: unknown key 'fbr.banc'",
        "r.yaml:5: cam.views.scales is something else", "r.yaml:5: cam.normPower is 'true'",
        "--set cam.validation=0: cam.validation is '0'",
        "--set seed.rule=best: seed.rule is 'best'",
        "r.yaml:3: fbr.heads is 'two'",
      ])
    #expect(
      error(sound + "classify:\n  training:\n    epochs: 0")
        == "r.yaml:4: classify.training.epochs is 0, expected 1...1000000")
    #expect(
      error(sound + "network:\n  name: resnet51").hasPrefix(
        "r.yaml:3: network.name is 'resnet51', expected one of resnet18, "))
    #expect(
      error(sound + "network: {outputStride: 12}")
        == "r.yaml:2: network.outputStride is 12, expected one of [8, 16, 32] for resnet50")
    #expect(
      error(sound + "fbr:\n  classifier: pointwize")
        == "r.yaml:3: fbr.classifier is 'pointwize', expected one of aspp, pointwise, hierarchical")
    #expect(
      error(sound, "fbr.loss.background=mean").hasSuffix(
        "fbr.loss.background is 'mean', expected one of nroi, pixels, prototype, none"))
    #expect(
      error(sound + "cam: 5") == "r.yaml:2: cam is not a section of keys and values")
    #expect(
      error("") == "r.yaml: data.root is empty, expected the folder of the data set")
    #expect(error("data: {root: a").contains("r.yaml"))
    #expect(
      error(sound, "fbr.cluster=4").hasPrefix("--set fbr.cluster=4: unknown key 'fbr.cluster'"))
    #expect(error(sound, "fbr.clusters") == "--set fbr.clusters: expected section.key=value")
    #expect(
      error(sound, "fbr.clusters=0")
        == "--set fbr.clusters=0: fbr.clusters is 0, expected 1 or more")
    #expect(error(sound, "cam.normPower=-1").hasSuffix("cam.normPower is -1.0, expected 0...4"))
    #expect(
      error(sound, "propagate.walk=false", "propagate.instances=true").contains(
        "propagate.instances is true, expected false where nothing is walked"))
    #expect(
      error(sound + "classify: {training: {batchSize: 10, accumulation: 3}}")
        == "r.yaml:2: classify.training.accumulation is 3, expected a divisor of batchSize, 10")
  }

  @Test(
    "numbers that no memory or whole number holds are told",
    arguments: [
      ("randomSeed", "9223372036854775807"), ("fbr.randomSeed", "9223372036854775807"),
      ("classify.training.epochs", "9223372036854775807"),
      ("classify.training.steps", "9223372036854775807"),
      ("segment.training.batchSize", "1000000000"), ("cam.views.longSide", "1000000"),
      ("predict.views.longSide", "16384"), ("classify.augmentation.crop", "1000000"),
      ("fbr.loss.temperature", "1e-40"), ("fbr.loss.temperature", ".inf"),
      ("fbr.bank", "1000000000000"),
    ])
  func bounds(_ key: String, _ value: String) {
    let text = error(sound, "\(key)=\(value)")
    #expect(text.hasPrefix("--set \(key)=\(value): \(key) is "), "\(text)")
    #expect(text.split(separator: "\n").count == 1)
  }

  @Test("a key that is there twice is told in a line, with that of the second")
  func duplicates() {
    let twice = "key 'loss' for the second time in its section"
    let fbr = "fbr:\n  loss:\n    temperature: 0.1\n  # loss:\n\n  clusters: 3\n"
    #expect(error(sound + fbr + "  \"loss\": {}\ncam: {}\n") == "r.yaml:8: \(twice)")
    #expect(error(sound + "fbr: {loss: {}, loss: {}}\ncam: {}") == "r.yaml:2: \(twice)")
    #expect(
      error(sound + "cam: {}\n" + sound)
        == "r.yaml:3: key 'data' for the second time in its section")
  }

  @Test("all problems of a recipe are told at once") func several() {
    let lines = error(sound + "a: 1\nb: 2").split(separator: "\n")
    #expect(lines.count == 2)
  }

  @Test("batch norms of a network without weights have no statistics to keep")
  func weights() throws {
    let expected =
      "is empty, expected a file of ImageNet weights, or fixedBatchNorm: false to start at random"
    #expect(
      error(sound + "network:\n  name: resnet18", "network.weights=''")
        == "--set network.weights='': network.weights \(expected)")
    #expect(
      error(sound + "segment:\n  network: {weights: ''}")
        == "r.yaml:3: segment.network.weights \(expected)")
    let recipe = try Recipe(yaml: sound + "network: {fixedBatchNorm: false}")
    #expect(!recipe.segment.network.fixedBatchNorm)
  }

  @Test("a recipe that is not there") func missing() {
    #expect(throws: RecipeError.self) { try Recipe(contentsOf: "/nowhere/r.yaml") }
  }
}
