import Autograd
import Contrast
import Tensor
import Testing

/// The padding of a crop is neither background nor query nor negative.
@Suite("Ignored pixels")
struct IgnoredPixelTests {
  /// Two images; the right half of the first is padding.
  private static let mask: LabelMap = {
    var mask = LabelMap(repeating: 7, shape: [2, 4, 6])
    for pixel in 0..<24 where pixel % 6 >= 3 { mask.labels[pixel] = 255 }
    return mask
  }()
  private static let ignored = (0..<48).filter { mask.labels[$0] == 255 }

  private struct Result: Equatable {
    var losses: [Float]
    var gradients: [Tensor]
    var queries: Queries
    var prototypes: Tensor
    var labels: LabelMap
  }

  /// The losses with `filling` in every input at the ignored pixels.
  private func losses(
    filling: Float, background: FBRConfiguration.Background = .regions
  ) throws -> Result {
    var generator = PhiloxGenerator(seed: 12)
    var inputs = [
      generator.normal(shape: [2, 4, 6, 3], standardDeviation: 2),
      generator.uniform(shape: [2, 4, 6, 5]), generator.uniform(shape: [2, 4, 6, 5]),
    ]
    for input in inputs.indices {
      let depth = inputs[input].shape[3]
      inputs[input].withMutableScalars { span in
        for pixel in Self.ignored {
          for d in 0..<depth { span[pixel * depth + d] = filling * Float(1 + d) }
        }
      }
    }
    var configuration = FBRConfiguration.amn
    configuration.background = background
    let zf = Variable(inputs[1], requiresGradient: true)
    let zb = Variable(inputs[2], requiresGradient: true)
    let seeds = try SeedMap(
      logits: inputs[0], imageLabels: Tensor([1, 1, 0, 1], shape: [2, 2]), ignoring: Self.mask)
    let loss = try FBRLoss(
      foreground: zf, background: zb, seeds: seeds, bank: generator.uniform(shape: [30, 5]),
      configuration: configuration, using: &generator)
    loss.total.backward()
    return Result(
      losses: [loss.foregroundBackground, loss.intraForeground, loss.separation].map(
        \.value.scalar),
      gradients: [zf, zb].map { $0.gradient ?? .zeros($0.shape) }, queries: loss.queries,
      prototypes: loss.prototypes.embeddings, labels: seeds.labels)
  }

  @Test(
    "no bit of any loss depends on what stands in them, NaN included",
    arguments: FBRConfiguration.Background.allCases)
  func independent(background: FBRConfiguration.Background) throws {
    let expected = try losses(filling: 0.5, background: background)
    #expect(expected.losses.allSatisfy { $0 > 0 } || background == .none)
    for filling in [Float(-3), 1000, .nan] {
      #expect(try losses(filling: filling, background: background) == expected)
    }
  }

  @Test("they are labelled 255, are no queries and receive no gradient")
  func untouched() throws {
    let result = try losses(filling: 1)
    #expect(!result.queries.pixels.isEmpty)
    for pixel in Self.ignored {
      #expect(result.labels.labels[pixel] == 255)
      #expect(!result.queries.pixels.contains(Int32(pixel)))
      for gradient in result.gradients {
        #expect(gradient.scalars[pixel * 5..<(pixel + 1) * 5].allSatisfy { $0 == 0 })
      }
    }
    #expect(result.labels.labels.count { $0 == 255 } == Self.ignored.count)
  }

  @Test("an image of padding alone leaves the loss of the others")
  func wholeImage() throws {
    let mask = LabelMap([UInt8](repeating: 255, count: 16), shape: [1, 4, 4])
    let seeds = try SeedMap(
      cams: Tensor(repeating: .nan, shape: [1, 4, 4, 2]), background: 0.2,
      imageLabels: .ones([1, 2]), ignoring: mask)
    var generator = PhiloxGenerator(seed: 1)
    let zf = Variable(.ones([1, 4, 4, 5]), requiresGradient: true)
    let loss = try FBRLoss(
      foreground: zf, background: Variable(.ones([1, 4, 4, 5])), seeds: seeds,
      bank: .ones([3, 5]), using: &generator)
    #expect(loss.total.value.scalar == 0 && !loss.total.requiresGradient)
    #expect(loss.statistics.ignoredPixels == 16)
  }

  @Test("statistics count what the step worked on")
  func statistics() throws {
    var generator = PhiloxGenerator(seed: 3)
    let seeds = try SeedMap(
      logits: generator.normal(shape: [2, 4, 6, 3], standardDeviation: 2),
      imageLabels: Tensor([1, 1, 0, 1], shape: [2, 2]), ignoring: Self.mask)
    let loss = try FBRLoss(
      foreground: Variable(generator.uniform(shape: [2, 4, 6, 5])),
      background: Variable(generator.uniform(shape: [2, 4, 6, 5])), seeds: seeds,
      bank: generator.uniform(shape: [40, 5]), bankCount: 10, using: &generator)
    let found = loss.statistics
    #expect(found.ignoredPixels == 12)
    #expect(found.foregroundPixels + found.backgroundPixels == 36)
    #expect(found.queries == loss.queries.count && found.classes == 2)
    #expect(found.queryShare == Double(found.queries) / Double(found.foregroundPixels))
    #expect(found.bankFill == 0.25)
    #expect(found.total == loss.total.value.scalar)
  }

  @Test("a mask of another size stops with both shapes")
  func mismatch() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = try SeedMap(
        logits: .zeros([1, 4, 4, 3]), imageLabels: .ones([1, 2]),
        ignoring: LabelMap(repeating: 0, shape: [1, 4, 5]))
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("SeedMap: a mask [1, 4, 5] for pixels [1, 4, 4]"))
  }
}
