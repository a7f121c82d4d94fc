import Autograd
import Contrast
import Foundation
import Tensor
import Testing

@Suite("Seed maps of one's own")
struct SeedMapTests {
  private let shape: Shape = [2, 4, 6, 3]

  @Test("scores, labels and entropy of another seed map give the same losses")
  func same() throws {
    var generator = PhiloxGenerator(seed: 3)
    var mask = LabelMap(repeating: 0, shape: [2, 4, 6])
    for pixel in 0..<9 { mask.labels[pixel * 5] = 255 }
    let made = try SeedMap(
      logits: generator.normal(shape: shape, standardDeviation: 2),
      imageLabels: Tensor([1, 1, 0, 1], shape: [2, 2]), ignoring: mask)
    let own = try SeedMap(scores: made.scores, labels: made.labels, entropy: made.entropy)
    #expect(own.scores == made.scores && own.entropy == made.entropy && own.labels == made.labels)
    #expect(own.present == made.present)
    let features = generator.uniform(shape: [2, 4, 6, 5])
    let totals = try [made, own].map { seeds in
      var draws = PhiloxGenerator(seed: 4)
      return try FBRLoss(
        foreground: Variable(features, requiresGradient: true), background: Variable(features),
        seeds: seeds, bank: features.reshaped(-1, 5), using: &draws
      ).total.value
    }
    #expect(totals[0] == totals[1])
  }

  @Test("without an entropy it is the scores'; ignored pixels hold nothing")
  func entropy() throws {
    let seeds = try SeedMap(
      scores: Tensor([0.5, 0.5, 0, 0, 0, 0, .nan, 7, 1], shape: [1, 1, 3, 3]),
      labels: LabelMap([1, 0, 255], shape: [1, 1, 3]))
    #expect(abs(seeds.entropy.scalars[0] - Float(log(2.0))) < 1e-6)
    #expect(seeds.entropy.scalars.dropFirst() == [0, 0])
    #expect(seeds.scores.scalars == [0.5, 0.5, 0, 0, 0, 0, 0, 0, 0])
    #expect(seeds.present == [[1]])
  }

  @Test("pixels that other labels call something else, or nothing, hold nothing")
  func agreement() throws {
    let own = try SeedMap(
      scores: Tensor(
        [1, 0, 0, 0.25, 0.75, 0, 0, 0.5, 0.5, 0, 0, 1, 0, 1, 0], shape: [1, 1, 5, 3]),
      labels: LabelMap([0, 1, 1, 2, 255], shape: [1, 1, 5]),
      entropy: Tensor([0.1, 0.2, 0.3, 0.4, 0.5], shape: [1, 1, 5]))
    let seeds = SeedMap(own, agreeingWith: LabelMap([0, 1, 2, 255, 255], shape: [1, 1, 5]))
    #expect(seeds.labels.labels == [0, 1, 255, 255, 255])
    #expect(seeds.scores.scalars == [1, 0, 0, 0.25, 0.75, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    #expect(seeds.entropy.scalars == [0.1, 0.2, 0, 0, 0])
    #expect(seeds.present == [[1, 2]])
    #expect(Queries(seeds, sureShare: 0, entropyQuantile: 0).pixels == [1])
  }

  @Test("a score, an entropy or a label that cannot be is an error with its place")
  func broken() {
    func message(
      _ scores: [Float], _ labels: [UInt8], _ entropy: [Float]? = nil
    ) -> String? {
      let error = #expect(throws: ContrastError.self) {
        try SeedMap(
          scores: Tensor(scores, shape: [2, 1, 1, 2]), labels: LabelMap(labels, shape: [2, 1, 1]),
          entropy: entropy.map { Tensor($0, shape: [2, 1, 1]) })
      }
      return error?.description
    }
    #expect(
      message([0, 1, 0, 1.5], [1, 1])
        == "image 1, pixel 0: the score of class 1 is 1.5, expected 0...1")
    #expect(
      message([.nan, 1, 0, 1], [1, 1])
        == "image 0, pixel 0: the score of class 0 is nan, expected 0...1")
    #expect(
      message([0, 1, 0, 1], [1, 2]) == "image 1, pixel 0: the label is 2, expected 0...1 or 255")
    #expect(
      message([0, 1, 0, 1], [1, 1], [0, -1])
        == "image 1, pixel 0: the entropy is -1.0, expected 0 or more")
  }
}
