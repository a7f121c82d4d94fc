import Autograd
import Contrast
import Tensor
import Testing

/// A toy of the problem: boats lie on water and trains on rails, so that the features of a thing
/// hold much of its usual background, and a class label alone does not tell them apart.
@Suite("Toy experiment")
struct SeparationExperimentTests {
  /// Images of 8 x 8 pixels: a square of the class in the middle of its background.
  private struct Scene {
    static let (images, side, depth) = (6, 8, 12)
    var features = Tensor.zeros([images, side, side, depth])
    var truth = LabelMap(repeating: 0, shape: [images, side, side])
    var imageLabels = Tensor.zeros([images, 2])

    init(using generator: inout PhiloxGenerator) {
      features = generator.uniform(shape: features.shape, in: 0..<0.3)
      for image in 0..<Self.images {
        let c = image % 2
        imageLabels[image, c] = 1
        for y in 0..<Self.side {
          for x in 0..<Self.side {
            let inside = (2..<6).contains(x) && (2..<6).contains(y)
            // Features 0 and 1 are the things, 2 and 3 their backgrounds.
            features[image, y, x, c] += inside ? 0.5 : 0.2
            features[image, y, x, 2 + c] += inside ? 0.8 : 1
            truth.labels[(image * Self.side + y) * Self.side + x] = inside ? UInt8(c + 1) : 0
          }
        }
      }
    }
  }

  private final class Network: Module {
    let trunk, foreground, background, classifier: Parameter

    init(using generator: inout PhiloxGenerator) {
      let depth = Scene.depth
      // Mostly positive: all embeddings start in about one direction.
      trunk = Parameter(generator.uniform(shape: [depth, depth], in: -0.2..<0.4))
      foreground = Parameter(generator.uniform(shape: [8, depth], in: -0.2..<0.4))
      background = Parameter(generator.uniform(shape: [8, depth], in: -0.2..<0.4))
      classifier = Parameter(generator.normal(shape: [3, depth], standardDeviation: 0.1))
    }

    func callAsFunction(_ input: Variable) -> (zf: Variable, zb: Variable, logits: Variable) {
      let x = input.linear(trunk).relu()
      return (x.linear(foreground).relu(), x.linear(background).relu(), x.linear(classifier))
    }
  }

  /// The mean over the pixels of things of the cosine to their class's mean, less the larger of
  /// those to the other class and to the mean of the background around.
  private func margin(_ network: Network, _ scene: Scene) -> Float {
    let (zf, zb, _) = network(Variable(scene.features))
    func rows(_ embeddings: Variable, of label: UInt8, in image: Int? = nil) -> [[Float]] {
      let values = embeddings.value.scalars
      return scene.truth.labels.indices.filter {
        scene.truth.labels[$0] == label && (image.map { $0 % 2 } ?? $0 / 64 % 2) == $0 / 64 % 2
      }.map { Array(values[$0 * 8..<($0 + 1) * 8]) }
    }
    func mean(_ rows: [[Float]]) -> [Float] {
      (0..<8).map { d in rows.reduce(0) { $0 + $1[d] } / Float(rows.count) }
    }
    func cosine(_ a: [Float], _ b: [Float]) -> Float {
      func dot(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
      return dot(a, b) / max((dot(a, a) * dot(b, b)).squareRoot(), 1e-8)
    }
    let things = [mean(rows(zf, of: 1)), mean(rows(zf, of: 2))]
    let grounds = [mean(rows(zb, of: 0, in: 0)), mean(rows(zb, of: 0, in: 1))]
    var margins: [Float] = []
    for c in 0..<2 {
      for row in rows(zf, of: UInt8(c + 1)) {
        margins.append(
          cosine(row, things[c]) - max(cosine(row, things[1 - c]), cosine(row, grounds[c])))
      }
    }
    return margins.reduce(0, +) / Float(margins.count)
  }

  /// Trains on image labels spread over the picture, as CAMs do; returns the margins before and
  /// after.
  private func train(withLosses: Bool) throws -> (before: Float, after: Float) {
    var generator = PhiloxGenerator(seed: 5)
    let scene = Scene(using: &generator)
    let network = Network(using: &generator)
    // The seeds cover a ring of background around each thing.
    var seeds = scene.truth
    for pixel in seeds.labels.indices {
      let (y, x, image) = (pixel / 8 % 8, pixel % 8, pixel / 64)
      if (1..<7).contains(x) && (1..<7).contains(y) { seeds.labels[pixel] = UInt8(image % 2 + 1) }
    }
    let optimizer = Adam(
      [ParameterGroup(network.namedParameters, learningRate: 0.01)])
    var configuration = FBRConfiguration.amn
    configuration.negatives = 32
    let before = margin(network, scene)
    for _ in 0..<150 {
      let (zf, zb, logits) = network(Variable(scene.features))
      var loss = logits.crossEntropy(seeds)
      if withLosses {
        let map = try SeedMap(logits: logits.value, imageLabels: scene.imageLabels)
        // The background's pixels stand for a memory bank.
        let pixels = map.labels.labels.indices.filter { map.labels.labels[$0] == 0 }
        let values = zb.value.scalars
        let bank = Tensor(
          pixels.flatMap { values[$0 * 8..<($0 + 1) * 8] }, shape: [pixels.count, 8])
        let fbr = try FBRLoss(
          foreground: zf, background: zb, seeds: map, bank: bank, configuration: configuration,
          using: &generator)
        loss = loss + fbr.total
      }
      loss.backward()
      optimizer.step()
      optimizer.zeroGradients()
    }
    return (before, margin(network, scene))
  }

  @Test("classes and their backgrounds come apart with the losses, and do not without")
  func separation() throws {
    let (before, with) = try train(withLosses: true)
    let (same, without) = try train(withLosses: false)
    // 0.02 at first; 1.00 with the losses, 0.06 without.
    #expect(before == same)
    #expect(with > before + 0.5)
    #expect(without < before + 0.1)
  }
}
