import Autograd
import Contrast
import Tensor
import Testing

@Suite("Degenerate batches")
struct DegenerateBatchTests {
  private struct Batch {
    var logits: Tensor
    var labels: Tensor
    var bank: Tensor
    var configuration = FBRConfiguration.amn

    init(_ labels: [Float], images: Int) {
      var generator = PhiloxGenerator(seed: 4)
      self.labels = Tensor(labels, shape: [images, labels.count / images])
      logits = generator.normal(shape: [images, 4, 4, labels.count / images + 1])
      bank = generator.uniform(shape: [20, 5])
    }

    func loss() throws -> (FBRLoss, Variable, Variable) {
      var generator = PhiloxGenerator(seed: 5)
      let shape: Shape = [logits.shape[0], 4, 4, 5]
      let zf = Variable(generator.uniform(shape: shape), requiresGradient: true)
      let zb = Variable(generator.uniform(shape: shape), requiresGradient: true)
      let loss = try FBRLoss(
        foreground: zf, background: zb, seeds: SeedMap(logits: logits, imageLabels: labels),
        bank: bank, configuration: configuration, using: &generator)
      loss.total.backward()
      return (loss, zf, zb)
    }
  }

  private func isZero(_ variable: Variable) -> Bool {
    variable.value.scalar == 0 && !variable.requiresGradient
  }

  @Test("no foreground: both contrasts are 0 without gradient, the separation remains")
  func noForeground() throws {
    let (loss, zf, _) = try Batch([0, 0, 0, 0], images: 2).loss()
    #expect(isZero(loss.intraForeground) && isZero(loss.foregroundBackground))
    #expect(loss.queries.count == 0 && loss.prototypes.classes.isEmpty)
    #expect(loss.separation.value.scalar > 0)
    #expect(zf.gradient != nil)
  }

  @Test("one class in the batch: no contrast between classes")
  func oneClass() throws {
    let (loss, _, _) = try Batch([1, 0, 1, 0], images: 2).loss()
    #expect(isZero(loss.intraForeground))
    #expect(loss.foregroundBackground.value.scalar > 0)
  }

  @Test("one image with two classes: everything is defined")
  func oneImage() throws {
    let (loss, _, _) = try Batch([1, 1], images: 1).loss()
    #expect(loss.intraForeground.value.scalar > 0)
    #expect(loss.foregroundBackground.value.scalar > 0)
  }

  @Test("no query: every pixel is sure")
  func noQuery() throws {
    var batch = Batch([1, 1, 0, 1], images: 2)
    // The right half shows both classes of the first image, and the one of the second, and leaves
    // no doubt; the background does.
    batch.logits = .zeros([2, 4, 4, 3])
    for image in 0..<2 {
      for y in 0..<4 {
        for x in 0..<4 {
          let label = x < 2 ? 0 : image == 0 && y < 2 ? 1 : 2
          batch.logits[image, y, x, label] = label == 0 ? 1 : 8
        }
      }
    }
    let seeds = try SeedMap(logits: batch.logits, imageLabels: batch.labels)
    #expect(seeds.labels.labels.count { $0 == 1 } == 4)
    #expect(seeds.labels.labels.count { $0 == 2 } == 12)
    // Sure by their scores are none, by their entropy none and then all.
    batch.configuration.sureShare = 0
    batch.configuration.entropyQuantile = 0
    #expect(try batch.loss().0.queries.count == 16)
    batch.configuration.entropyQuantile = 1
    let (loss, _, _) = try batch.loss()
    #expect(loss.queries.count == 0)
    #expect(isZero(loss.intraForeground) && isZero(loss.foregroundBackground))
  }

  @Test(
    "no background pixel: the ablations' contrasts are 0",
    arguments: [
      FBRConfiguration.Background.pixels, .prototype, .none,
    ])
  func noBackground(background: FBRConfiguration.Background) throws {
    var batch = Batch([1, 1], images: 1)
    batch.configuration.background = background
    // Background scores below both classes everywhere.
    for y in 0..<4 {
      for x in 0..<4 {
        let first: Float = (x + y) % 2 == 0 ? 5 : 0
        batch.logits[0, y, x, 0] = -9 - Float(x)
        batch.logits[0, y, x, 1] = first
        batch.logits[0, y, x, 2] = 5 - first
      }
    }
    batch.logits[0, 0, 0, 0] = -9
    let (loss, _, _) = try batch.loss()
    let backgroundPixels = Set(loss.queries.classes)
    #expect(!backgroundPixels.contains(0))
    if background == .none { #expect(isZero(loss.foregroundBackground)) }
  }

  @Test("an empty bank: no contrast with the background")
  func emptyBank() throws {
    var batch = Batch([1, 1, 0, 1], images: 2)
    batch.bank = .zeros([0, 5])
    let (loss, _, _) = try batch.loss()
    #expect(isZero(loss.foregroundBackground))
    #expect(loss.intraForeground.value.scalar > 0)
  }

  @Test("zero embeddings have cosine 0 with everything and no gradient")
  func zeroEmbeddings() throws {
    let batch = Batch([1, 1, 0, 1], images: 2)
    let seeds = try SeedMap(logits: batch.logits, imageLabels: batch.labels)
    let zf = Variable(.zeros([2, 4, 4, 5]), requiresGradient: true)
    var generator = PhiloxGenerator(seed: 1)
    let loss = try FBRLoss(
      foreground: zf, background: Variable(.ones([2, 4, 4, 5])), seeds: seeds, bank: batch.bank,
      using: &generator)
    loss.total.backward()
    // 257 keys of equal cosine.
    #expect(abs(loss.foregroundBackground.value.scalar - 5.549) < 1e-3)
    #expect(zf.gradient?.scalars.allSatisfy { $0 == 0 } == true)
  }

  @Test("NaN in logits is an error that names image and pixel", arguments: [Float.nan, .infinity])
  func notFinite(bad: Float) throws {
    var batch = Batch([1, 1, 0, 1], images: 2)
    batch.logits[1, 2, 3, 0] = bad
    let error = #expect(throws: ContrastError.self) { try batch.loss() }
    #expect(error?.description == "image 1, pixel 11: a logit is NaN or infinite")
  }

  @Test("NaN in embeddings is an error that names image and pixel")
  func notFiniteEmbedding() throws {
    let batch = Batch([1, 1], images: 1)
    var zf = Tensor.ones([1, 4, 4, 5])
    zf[0, 1, 1, 2] = .nan
    var generator = PhiloxGenerator(seed: 1)
    let seeds = try SeedMap(logits: batch.logits, imageLabels: batch.labels)
    let error = #expect(throws: ContrastError.self) {
      try FBRLoss(
        foreground: Variable(zf), background: Variable(.ones([1, 4, 4, 5])), seeds: seeds,
        bank: batch.bank, using: &generator)
    }
    #expect(error?.description == "image 0, pixel 5: an embedding is NaN or infinite")
  }

  @Test("a label that is neither 0 nor 1 is an error")
  func wrongLabel() {
    let error = #expect(throws: ContrastError.self) { try Batch([1, 0.5], images: 1).loss() }
    #expect(error?.description == "image 0, class 2: label 0.5, expected 0 or 1")
  }

  @Test("features of another size stop with both shapes")
  func mismatch() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = PhiloxGenerator(seed: 1)
      _ = try FBRLoss(
        foreground: Variable(.ones([1, 4, 5, 5])), background: Variable(.ones([1, 4, 4, 5])),
        seeds: SeedMap(logits: .zeros([1, 4, 4, 3]), imageLabels: .ones([1, 2])),
        bank: .ones([3, 5]), using: &generator)
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("features [1, 4, 5, 5] for a seed map of [1, 4, 4]"))
  }
}
