import Metrics
import Tensor
import TensorTestSupport
import Testing

@Suite("Classification")
struct ClassificationTests {
  @Test("average precision, mAP and F1 are scikit-learn's, ties too") func golden() throws {
    let cases = try GoldenFile("classification", in: .module).cases
    #expect(cases.count == 4)
    for golden in cases {
      let scores = try ClassificationScores(scores: golden["scores"], labels: golden["labels"])
      let precision = scores.averagePrecision.map { Float($0 ?? .nan) }
      #expect(difference(from: golden["ap"], Tensor(precision), relative: 1e-6) == nil)
      let f1 = scores.f1.map { Float($0 ?? .nan) }
      #expect(difference(from: golden["f1"], Tensor(f1), relative: 1e-6) == nil)
      #expect(abs((scores.microF1 ?? .nan) - golden.number("micro")) < 1e-12)
      let mean = golden["ap"].scalars.reduce(0, +) / Float(golden["ap"].count)
      #expect(abs(Float(scores.meanAveragePrecision ?? .nan) - mean) < 1e-6)
    }
  }

  @Test("equal scores enter together, in whatever order they come") func ties() throws {
    let scores: [Float] = [0.5, 0.5, 0.5, 0.25]
    let early = try averagePrecision(scores: scores, isPositive: [true, false, false, true])
    let late = try averagePrecision(scores: scores, isPositive: [false, false, true, true])
    #expect(early == late)
    #expect(abs((early ?? .nan) - 5.0 / 12) < 1e-15)
  }

  @Test("a class never shown has no average precision and does not lower the mean")
  func absent() throws {
    let labels = Tensor([1, 0, 0, 0], shape: [2, 2])
    let scores = try ClassificationScores(
      scores: Tensor([0.9, 0.1, 0.1, 0.2], shape: [2, 2]), labels: labels)
    #expect(scores.averagePrecision == [1, nil] && scores.meanAveragePrecision == 1)
    #expect(scores.f1 == [1, nil] && scores.macroF1 == 1)
    let none = try ClassificationScores(scores: .zeros([0, 2]), labels: .zeros([0, 2]))
    #expect(none.averagePrecision == [nil, nil] && none.microF1 == nil)
  }

  @Test("NaN, labels other than 0 and 1, and shapes are named") func errors() {
    let labels = Tensor([1, 0, 0, 1], shape: [2, 2])
    #expect(
      message {
        _ = try ClassificationScores(
          scores: Tensor([0, 0, 0, .nan], shape: [2, 2]), labels: labels)
      } == "classification: the score of image 1, class 1 is not a number")
    #expect(
      message {
        _ = try ClassificationScores(
          scores: labels, labels: Tensor([0, 1, 0.5, 0], shape: [2, 2]))
      } == "classification: the label of image 1, class 0 is 0.5, expected 0 or 1")
    #expect(
      message { _ = try ClassificationScores(scores: .zeros([2, 3]), labels: labels) }
        == "classification: scores [2, 3], labels [2, 2], expected equal [N, C]")
    #expect(
      message { _ = try averagePrecision(scores: [1, .nan], isPositive: [true, false]) }
        == "average precision: score 1 is not a number")
    #expect(
      message { _ = try averagePrecision(scores: [1], isPositive: [true, false]) }
        == "average precision: 1 scores, 2 labels, expected equal")
  }
}
