import Metrics
import Tensor
import TensorTestSupport
import Testing

@Suite("Diagnostics")
struct DiagnosticsTests {
  @Test("distances, silhouette and correlation are scikit-learn's and numpy's") func golden() throws
  {
    let cases = try GoldenFile("diagnostics", in: .module).cases
    #expect(cases.count == 3)
    for golden in cases {
      let measured = try ClusterDiagnostics(
        rows: golden["rows"], clusters: golden["groups"].scalars.map { Int($0) })
      #expect(abs(measured.withinDistance - golden.number("within")) < 1e-9)
      #expect(abs((measured.betweenDistance ?? .nan) - golden.number("between")) < 1e-9)
      #expect(abs((measured.silhouette ?? .nan) - golden.number("silhouette")) < 1e-9)
      guard golden.has("first") else { continue }
      let correlation = try similarityCorrelation(golden["first"], golden["second"])
      #expect(abs((correlation ?? .nan) - golden.number("correlation")) < 1e-9)
    }
  }

  @Test("noise is left out, a row alone counts 0, one cluster has no neighbour") func edges() throws
  {
    let rows = Tensor([0, 1, 10, 99], shape: [4, 1])
    let two = try ClusterDiagnostics(rows: rows, clusters: [5, 5, 9, -1])
    #expect(abs(two.withinDistance - 1.0 / 3) < 1e-12 && two.betweenDistance == 9.5)
    #expect(abs((two.silhouette ?? 9) - (0.9 + 8.0 / 9) / 3) < 1e-12)
    let one = try ClusterDiagnostics(rows: rows, clusters: [0, 0, 0, 0])
    #expect(one.betweenDistance == nil && one.silhouette == nil)
    #expect(try similarityCorrelation(.ones([3, 3]), .ones([3, 3])) == nil)
    #expect(try similarityCorrelation(.ones([1, 1]), .ones([1, 1])) == nil)
  }

  @Test("wrong input is named") func errors() {
    let rows = Tensor([0, 1, .infinity, 3], shape: [2, 2])
    #expect(
      message { _ = try ClusterDiagnostics(rows: rows, clusters: [0, 1]) }
        == "clusters: row 1 is not finite")
    #expect(
      message { _ = try ClusterDiagnostics(rows: .ones([2, 2]), clusters: [0]) }
        == "clusters: rows [2, 2] and 1 clusters, expected [N, D] and N")
    #expect(
      message { _ = try ClusterDiagnostics(rows: .ones([2, 2]), clusters: [-1, -1]) }
        == "clusters: no row belongs to one")
    #expect(
      message { _ = try similarityCorrelation(.ones([2, 2]), rows) }
        == "similarity correlation: the second matrix is not finite at [1, 0]")
    #expect(
      message { _ = try similarityCorrelation(.ones([2, 2]), .ones([3, 3])) }
        == "similarity correlation: matrices [2, 2] and [3, 3], expected equal [N, N]")
  }
}
