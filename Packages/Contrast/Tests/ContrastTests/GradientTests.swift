import Autograd
import AutogradTestSupport
import Contrast
import Tensor
import Testing

@Suite("Gradients of the FBR losses")
struct GradientTests {
  /// A batch with every kind of pixel; embeddings keep a distance from length 0.
  private func batch(seed: UInt64 = 1) throws -> (
    seeds: SeedMap, zf: Tensor, zb: Tensor, bank: Tensor
  ) {
    var generator = PhiloxGenerator(seed: seed)
    let logits = generator.normal(shape: [2, 4, 5, 4], standardDeviation: 2)
    let labels = Tensor([1, 1, 0, 0, 1, 1], shape: [2, 3])
    return (
      try SeedMap(logits: logits, imageLabels: labels),
      generator.uniform(shape: [2, 4, 5, 6], in: 0.1..<1),
      generator.uniform(shape: [2, 4, 5, 6], in: 0.1..<1),
      generator.uniform(shape: [30, 6], in: 0.1..<1)
    )
  }

  @Test(
    "both contrasts match central differences", arguments: [Float(0.1), 0.5], Sampling.allCases)
  func contrasts(temperature: Float, sampling: Sampling) throws {
    let (seeds, zf, _, bank) = try batch()
    let queries = Queries(seeds)
    let prototypes = Prototypes(features: zf, seeds: seeds)
    var generator = PhiloxGenerator(seed: 2)
    let uniform = NegativeDraws.uniform(
      9, of: 30, for: queries, sampling: sampling, using: &generator)
    let active = NegativeDraws.active(
      9, prototypes: prototypes, labels: seeds.labels, for: queries, temperature: temperature,
      sampling: sampling, using: &generator)
    #expect(queries.count > 3 && active.queries.count > 3)
    // Prototypes and negatives stay as they are while the features move: they are constants.
    let mismatch = gradientMismatch(at: [zf]) {
      infoNCE(
        $0[0], queries: queries, prototypes: prototypes, negatives: bank, draws: uniform,
        temperature: temperature)
    }
    #expect(mismatch == nil)
    let intraMismatch = gradientMismatch(at: [zf]) {
      infoNCE(
        $0[0], queries: active.queries, prototypes: prototypes, negatives: zf,
        draws: active.draws, temperature: temperature)
    }
    #expect(intraMismatch == nil)
  }

  @Test("the separation matches central differences in both spaces")
  func separation() throws {
    let (_, zf, zb, _) = try batch()
    #expect(gradientMismatch(at: [zf, zb]) { cosineSeparation($0[0], $0[1]) } == nil)
  }

  @Test("pixel-to-prototype contrast matches central differences")
  func pixelToPrototype() throws {
    let (seeds, zf, _, _) = try batch()
    let prototypes = Prototypes(features: zf, seeds: seeds)
    let mismatch = gradientMismatch(at: [zf], step: 3e-3) {
      pixelToPrototypeNCE($0[0], labels: seeds.labels, prototypes: prototypes)
    }
    #expect(mismatch == nil)
  }

  /// Fails if anyone detaches the queries, or lets a gradient into prototypes or negatives: then
  /// pixels that are no query would receive some.
  @Test("gradients reach every query's pixel and no other", arguments: [false, true])
  func reach(reference: Bool) throws {
    let (seeds, zf, zb, bank) = try batch()
    let foreground = Variable(zf, requiresGradient: true)
    let background = Variable(zb, requiresGradient: true)
    var configuration = FBRConfiguration.amn
    configuration.reference = reference
    configuration.separationWeight = 0
    var generator = PhiloxGenerator(seed: 3)
    let loss = try FBRLoss(
      foreground: foreground, background: background, seeds: seeds, bank: bank,
      configuration: configuration, using: &generator)
    loss.total.backward()
    let gradient = try #require(foreground.gradient).scalars
    let moved = Set((0..<40).filter { pixel in (0..<6).contains { gradient[pixel * 6 + $0] != 0 } })
    // The reference code's defect: no gradient at all.
    #expect(moved == (reference ? [] : Set(loss.queries.pixels.map(Int.init))))
    #expect((background.gradient?.scalars ?? []).allSatisfy { $0 == 0 })
  }

  @Test("the separation trains both heads")
  func bothHeads() throws {
    let (seeds, zf, zb, bank) = try batch()
    let foreground = Variable(zf, requiresGradient: true)
    let background = Variable(zb, requiresGradient: true)
    var generator = PhiloxGenerator(seed: 3)
    let loss = try FBRLoss(
      foreground: foreground, background: background, seeds: seeds, bank: bank,
      using: &generator)
    loss.separation.backward()
    for variable in [foreground, background] {
      #expect(variable.gradient?.scalars.contains { $0 != 0 } == true)
    }
  }
}
