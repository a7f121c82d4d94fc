import Autograd
import Contrast
import Tensor
import TensorTestSupport
import Testing

/// Against `golden_fbr.py`: the method's text in plain PyTorch, with the same draws.
@Suite("FBR losses equal PyTorch")
struct GoldenLossTests {
  static let names = [
    "two classes an image", "one class an image", "one class in the batch", "one image",
    "an image without classes", "no foreground", "padding to ignore",
  ]

  private func load(_ name: String) throws -> (GoldenFile.Case, SeedMap, Queries, Prototypes) {
    let golden = try GoldenFile("fbr", in: .module)[name]
    let seeds = try SeedMap(
      logits: golden["logits"], imageLabels: golden["y"], ignoring: labelMap(golden["mask"]))
    return (
      golden, seeds, Queries(seeds),
      Prototypes(features: golden["zf"], seeds: seeds, divisor: 8)
    )
  }

  private func labelMap(_ tensor: Tensor) -> LabelMap {
    LabelMap(tensor.scalars.map { UInt8($0) }, shape: tensor.shape)
  }

  private func draws(_ golden: GoldenFile.Case, _ kind: String) -> NegativeDraws {
    let drawn = golden[kind + "Draws"]
    return NegativeDraws(
      lists: IndexTensor(drawn.scalars.map { Int32($0) }, shape: drawn.shape),
      listOfQuery: (0..<Int32(drawn.shape[0])).map { $0 })
  }

  /// The gradient of a loss of `zf`, zero where none flows.
  private func gradient(_ loss: Variable, _ features: Variable) -> Tensor {
    if loss.requiresGradient { loss.backward() }
    return features.gradient ?? .zeros(features.shape)
  }

  @Test("seed map, queries, prototypes and graph", arguments: names)
  func selection(name: String) throws {
    let (golden, seeds, queries, prototypes) = try load(name)
    #expect(difference(from: golden["scores"], seeds.scores, relative: 1e-5) == nil)
    #expect(difference(from: golden["entropy"], seeds.entropy, relative: 1e-5) == nil)
    #expect(golden["labels"].scalars == seeds.labels.labels.map(Float.init))
    #expect(golden["queries"].scalars == queries.pixels.map(Float.init))
    #expect(
      golden["queryClasses"].scalars
        == zip(queries.classes, queries.ranges).flatMap {
          [Float](repeating: Float($0), count: $1.count)
        })
    #expect(golden["prototypeClasses"].scalars == prototypes.classes.map(Float.init))
    if !prototypes.classes.isEmpty {
      #expect(
        difference(from: golden["prototypes"], prototypes.embeddings, relative: 1e-5) == nil)
      #expect(difference(from: golden["graph"], prototypes.semanticGraph, relative: 1e-5) == nil)
    }
  }

  @Test("seed map from CAMs and a constant background", arguments: names)
  func seedsFromCAMs(name: String) throws {
    let golden = try GoldenFile("fbr", in: .module)[name]
    let seeds = try SeedMap(
      cams: golden["camNormalized"], background: 0.15, imageLabels: golden["y"],
      ignoring: labelMap(golden["mask"]))
    #expect(difference(from: golden["camScores"], seeds.scores, relative: 1e-5) == nil)
    #expect(difference(from: golden["camEntropy"], seeds.entropy, relative: 1e-5) == nil)
    #expect(golden["camLabels"].scalars == seeds.labels.labels.map(Float.init))
  }

  @Test(
    "contrast with the background and its gradient", arguments: names,
    ["regions", "pixels", "single"])
  func background(name: String, kind: String) throws {
    let (golden, seeds, queries, prototypes) = try load(name)
    let features = Variable(golden["zf"], requiresGradient: true)
    let negatives =
      switch kind {
      case "regions": golden["bank"]
      case "pixels": golden["zb"]
      default: backgroundMean(golden["zb"], seeds.labels)
      }
    let loss = infoNCE(
      features, queries: queries, prototypes: prototypes, negatives: negatives,
      draws: draws(golden, kind))
    #expect(difference(from: golden[kind], loss.value, relative: 1e-5) == nil)
    #expect(
      difference(from: golden[kind + "Gradient"], gradient(loss, features), relative: 1e-4) == nil)
    // The same negatives by FBRLoss; the single prototype leaves nothing to draw.
    guard kind == "single" else { return }
    var configuration = FBRConfiguration.amn
    configuration.background = .prototype
    configuration.prototypeDivisor = 8
    var generator = PhiloxGenerator(seed: 1)
    let whole = try FBRLoss(
      foreground: features, background: Variable(golden["zb"]), seeds: seeds,
      bank: golden["bank"], configuration: configuration, using: &generator)
    #expect(
      difference(from: golden[kind], whole.foregroundBackground.value, relative: 1e-5) == nil)
  }

  private func backgroundMean(_ features: Tensor, _ labels: LabelMap) -> Tensor {
    let depth = features.shape[3]
    let pixels = labels.labels.indices.filter { labels.labels[$0] == 0 }
    let values = features.scalars
    return Tensor(
      (0..<depth).map { d in
        Float(pixels.reduce(0.0) { $0 + Double(values[$1 * depth + d]) } / Double(pixels.count))
      }, shape: [1, depth])
  }

  @Test("the reference code's cosine over the keys", arguments: names)
  func keyAxis(name: String) throws {
    let (golden, _, queries, prototypes) = try load(name)
    let features = Variable(golden["zf"], requiresGradient: true)
    let loss = infoNCE(
      features, queries: queries, prototypes: prototypes, negatives: golden["bank"],
      draws: draws(golden, "keyAxis"), axis: .keys)
    #expect(difference(from: golden["keyAxis"], loss.value, relative: 1e-5) == nil)
    #expect(!loss.requiresGradient)
  }

  @Test("auxiliary background segmentation: target, value and gradient", arguments: names)
  func segmentation(name: String) throws {
    let golden = try GoldenFile("fbr", in: .module)[name]
    let mask = labelMap(golden["mask"])
    let target = try BackgroundSegmentation.target(
      cams: golden["cams"], imageLabels: golden["y"], ignoring: mask)
    #expect(target == golden["segTarget"])
    let logits = Variable(golden["segLogits"], requiresGradient: true)
    let loss = BackgroundSegmentation.loss(logits, target: target, ignoring: mask)
    #expect(difference(from: golden["segmentation"], loss.value, relative: 1e-5) == nil)
    #expect(
      difference(from: golden["segmentationGradient"], gradient(loss, logits), relative: 1e-4)
        == nil)
  }

  @Test("contrast between foreground classes and its gradient", arguments: names)
  func intraForeground(name: String) throws {
    let (golden, seeds, queries, prototypes) = try load(name)
    let features = Variable(golden["zf"], requiresGradient: true)
    // Only to learn which queries have another class to be told from.
    var generator = PhiloxGenerator(seed: 1)
    let paired = NegativeDraws.active(
      1, prototypes: prototypes, labels: seeds.labels, for: queries, using: &generator
    ).queries
    let loss = infoNCE(
      features, queries: paired, prototypes: prototypes, negatives: golden["zf"],
      draws: draws(golden, "intra"))
    #expect(difference(from: golden["intra"], loss.value, relative: 1e-5) == nil)
    #expect(
      difference(from: golden["intraGradient"], gradient(loss, features), relative: 1e-4) == nil)
  }

  @Test("cosine separation and both gradients", arguments: names)
  func separation(name: String) throws {
    let golden = try GoldenFile("fbr", in: .module)[name]
    let zf = Variable(golden["zf"], requiresGradient: true)
    let zb = Variable(golden["zb"], requiresGradient: true)
    let loss = cosineSeparation(zf, zb, ignoring: labelMap(golden["mask"]))
    loss.backward()
    #expect(difference(from: golden["separation"], loss.value, relative: 1e-5) == nil)
    #expect(difference(from: golden["separationZf"], gradient(zf), relative: 1e-4) == nil)
    #expect(difference(from: golden["separationZb"], gradient(zb), relative: 1e-4) == nil)
  }

  private func gradient(_ variable: Variable) -> Tensor {
    variable.gradient ?? .zeros(variable.shape)
  }

  @Test(
    "pixel-to-prototype contrast and its gradient: own, of another view, of another map",
    arguments: names, ["prototypeNCE", "viewNCE", "mapNCE"])
  func pixelToPrototype(name: String, kind: String) throws {
    let (golden, seeds, _, prototypes) = try load(name)
    let features = Variable(golden["zf"], requiresGradient: true)
    let other = Prototypes(classes: prototypes.classes, embeddings: golden["otherView"])
    let loss = pixelToPrototypeNCE(
      features, labels: kind == "mapNCE" ? labelMap(golden["otherMap"]) : seeds.labels,
      prototypes: kind == "viewNCE" ? other : prototypes)
    #expect(difference(from: golden[kind], loss.value, relative: 1e-5) == nil)
    #expect(
      difference(from: golden[kind + "Gradient"], gradient(loss, features), relative: 1e-4) == nil)
  }
}
