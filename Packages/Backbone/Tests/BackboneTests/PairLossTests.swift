import Autograd
import Backbone
import Tensor
import TensorTestSupport
import Testing

/// Losses over pairs of pixels; the golden numbers go pair by pair in double.
@Suite("Pair losses")
struct PairLossTests {
  let golden: GoldenFile

  init() throws { golden = try GoldenFile("pair_losses", in: .module) }

  func labels(_ golden: GoldenFile.Case) -> LabelMap {
    LabelMap(golden["labels"].scalars.map { UInt8($0) }, shape: golden["labels"].shape)
  }

  func sources(_ golden: GoldenFile.Case) -> PixelPairs.Sources {
    golden.integer("inner") == 1 ? .inner : .all
  }

  /// Means and counts of the golden case, beside ours.
  func expectEqual(_ golden: GoldenFile.Case, _ parts: PairLoss, _ total: Variable) {
    let counts = parts.counts
    #expect(counts.background == golden.integer("count_background"), "\(golden.name)")
    #expect(counts.foreground == golden.integer("count_foreground"), "\(golden.name)")
    #expect(counts.different == golden.integer("count_different"), "\(golden.name)")
    func close(_ ours: Float, _ key: String) {
      let wanted = golden.attributes["loss_" + key] ?? 0
      #expect(abs(Double(ours) - wanted) <= 1e-5 * abs(wanted), "\(golden.name): \(key)")
    }
    close(parts.background, "background")
    close(parts.foreground, "foreground")
    close(parts.different, "different")
    close(parts.backgroundDisplacement, "moved_background")
    close(parts.foregroundDisplacement, "moved_foreground")
    #expect(difference(from: golden["total"], total.value, relative: 1e-5) == nil)
  }

  @Test(
    "IRN's loss and gradients are the definition's",
    arguments: [
      "irn radius 10", "irn radius 5", "irn every pair", "irn wide", "irn one class", "irn unknown",
    ])
  func irn(name: String) {
    let golden = golden[name]
    let logits = Variable(golden["logits"], requiresGradient: true)
    let displacement = Variable(golden["displacement"], requiresGradient: true)
    let loss = IRNLoss(
      IRN.Output(boundary: logits, displacement: displacement), labels: labels(golden),
      pairs: PixelPairs(radius: golden.integer("radius")), sources: sources(golden))
    expectEqual(golden, loss.parts, loss.total)
    loss.total.backward()
    #expect(
      difference(
        from: golden["logits_gradient"], logits.gradient ?? Tensor(0), relative: 3e-5) == nil)
    #expect(
      difference(
        from: golden["displacement_gradient"], displacement.gradient ?? Tensor(0), relative: 1e-5)
        == nil)
  }

  @Test(
    "PSA's loss and gradient are the definition's",
    arguments: ["psa radius 5", "psa every pair", "psa background"])
  func psa(name: String) {
    let golden = golden[name]
    let features = Variable(golden["features"], requiresGradient: true)
    let loss = AffinityLoss(
      features, labels: labels(golden), pairs: PixelPairs(radius: golden.integer("radius")),
      sources: sources(golden))
    expectEqual(golden, loss.parts, loss.total)
    loss.total.backward()
    #expect(
      difference(from: golden["gradient"], features.gradient ?? Tensor(0), relative: 1e-5) == nil)
  }

  @Test("the number of threads changes no bit")
  func threads() {
    var generator = PhiloxGenerator(seed: 5)
    let boundary = generator.uniform(shape: [3, 37, 70, 1])
    let displacement = generator.normal(shape: [3, 37, 70, 2])
    let features = generator.normal(shape: [3, 37, 70, 20])
    let labels = LabelMap(
      (0..<3 * 37 * 70).map { UInt8([0, 0, 2, 255][$0 / 9 % 4]) }, shape: [3, 37, 70])
    func bits() -> [[UInt32]] {
      let pairs = PixelPairs(radius: 10)
      let irn = pairs.boundaryLoss(boundary: boundary, displacement: displacement, labels: labels)
      let psa = pairs.featureLoss(features: features, labels: labels)
      return [
        Tensor([irn.total, psa.total]), irn.gradient, irn.displacementGradient, psa.gradient,
      ].map { ($0 ?? Tensor(0)).scalars.map(\.bitPattern) }
    }
    #expect(bits() == Threads.serially { bits() })
  }

  @Test("nothing is recorded for outputs without a gradient, and a factor scales the gradients")
  func recording() {
    let golden = golden["irn radius 5"]
    let plain = IRN.Output(
      boundary: Variable(golden["logits"]), displacement: Variable(golden["displacement"]))
    let loss = IRNLoss(plain, labels: labels(golden), pairs: PixelPairs(radius: 5))
    #expect(!loss.total.requiresGradient && loss.parts.gradient == nil)
    let logits = Variable(golden["logits"], requiresGradient: true)
    let half = IRNLoss(
      IRN.Output(boundary: logits, displacement: plain.displacement), labels: labels(golden),
      pairs: PixelPairs(radius: 5))
    #expect(half.parts.displacementGradient == nil)
    (half.total * 0.5).backward()
    #expect(
      difference(
        from: golden["logits_gradient"] * 0.5, logits.gradient ?? Tensor(0), relative: 1e-5)
        == nil)
  }
}
