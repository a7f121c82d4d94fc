import Contrast
import Tensor
import Testing

@testable import Pipeline

@Suite("Queries against ground truth")
struct QuerySurveyTests {
  @Test("queries are counted by what they show; unknown pixels and sure ones are not")
  func counts() throws {
    var loss = FBRConfiguration()
    (loss.sureShare, loss.entropyQuantile) = (0.5, 0)
    // Of the four pixels labelled 1, the two of lower score are queries.
    let one: [Float] = [1, 0.9, 0.3, 0.2, 0, 0]
    let seeds = try SeedMap(
      scores: Tensor(one.flatMap { [1 - $0, $0, 0] }, shape: [1, 1, 6, 3]),
      labels: LabelMap([1, 1, 1, 1, 0, 255], shape: [1, 1, 6]))
    var survey = QuerySurvey()
    survey.add(seeds, loss, truth: LabelMap([0, 1, 1, 0, 0, 1], shape: [1, 1, 6]))
    #expect([survey.labelled, survey.count, survey.right, survey.background] == [4, 2, 1, 1])
    survey.add(seeds, loss, truth: LabelMap([1, 1, 255, 2, 1, 1], shape: [1, 1, 6]))
    #expect([survey.labelled, survey.count, survey.right, survey.background] == [7, 3, 1, 1])
    #expect(survey.other == 1)
  }
}
