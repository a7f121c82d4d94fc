import Foundation
import Pipeline
import Testing

@Suite("Report's pieces")
struct ReportChartTests {
  @Test("text is escaped, pieces and numbers are put in as they are")
  func escaping() {
    let name = "<b>\"it's\" & co\u{7}"
    let piece: HTML = "<i title=\"\(name)\">\(3)</i>"
    #expect(
      piece.markup
        == "<i title=\"&lt;b&gt;&quot;it&#39;s&quot; &amp; co\u{FFFD}\">3</i>")
    let whole: HTML = "\(piece)\(0.5)\(2.0)\(-0.001)\(1234.567)"
    #expect(whole.markup == piece.markup + "0.520" + "1234.57")
  }

  @Test(
    "ticks are round, lie in the range and are at most five",
    arguments: [
      (0.0, 1.0, [0, 0.5, 1]), (0, 0.43, [0, 0.2, 0.4]), (2.2, 4.1, [2.5, 3, 3.5, 4]),
      (-3, 3, [-2, 0, 2]), (5, 5, [5]),
    ])
  func ticks(low: Double, high: Double, expected: [Double]) {
    let found = LineChart.ticks(low...high)
    #expect(found.count == expected.count)
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-12 }, "\(found)")
  }

  @Test("labels of ticks have the digits that tell them apart") func labels() {
    #expect(
      [0, 0.2, 0.4].map { LineChart.label($0, among: [0, 0.2, 0.4]) } == ["0", "0.2", "0.4"])
    #expect(LineChart.label(2.25, among: [2.2, 2.25]) == "2.25")
    #expect(LineChart.label(4, among: [2, 4]) == "4")
    #expect(LineChart.label(2e-4, among: [0, 2e-4]) == "2e-4")
    #expect(LineChart.label(1.5e-6, among: [1e-6, 1.5e-6]) == "1.5e-6")
  }

  @Test("a short curve is drawn point by point, its mean over the points around") func line() {
    #expect(LineChart.smoothed([0, 3, 6]) == [1.5, 3, 4.5])
    #expect(
      LineChart(title: "a & b", values: [4, 2, 0], firstStep: 9).svg.markup == """
        <svg class="chart" viewBox="0 0 300 140" role="img" aria-label="a &amp; b: from 4 to 0">\
        <line class="grid" x1="42" x2="290" y1="120" y2="120"/>\
        <text x="36" y="123.5" text-anchor="end">0</text>\
        <line class="grid" x1="42" x2="290" y1="64" y2="64"/>\
        <text x="36" y="67.5" text-anchor="end">2</text>\
        <line class="grid" x1="42" x2="290" y1="8" y2="8"/>\
        <text x="36" y="11.5" text-anchor="end">4</text>\
        <polyline class="raw" points="42,8 166,64 290,120"/>\
        <polyline class="line" points="42,36 166,64 290,92"/>\
        <text x="42" y="135">10</text><text x="290" y="135" text-anchor="end">12</text></svg>
        """)
  }

  @Test("a long curve has a bounded size and the band of its values; no values, no chart")
  func band() {
    let long = LineChart(title: "loss", values: (0..<30_000).map { Double($0 % 7) }).svg.markup
    #expect(long.contains("<polygon class=\"band\""))
    #expect(long.utf8.count < 12_000)
    #expect(LineChart(title: "loss", values: []).svg == HTML.nothing)
    #expect(LineChart(title: "loss", values: [.nan]).svg == HTML.nothing)
  }

  @Test("a heat map fills its cells by value, tells each on hover and leaves out what is not there")
  func heat() {
    let map = HeatMap(
      title: "two", rows: ["<a>"], columns: ["b", "c"], values: [0.25, nil],
      text: { "\(Int($0 * 100))" }, detail: { "\($0) \($1) & more" })
    #expect(
      map.svg.markup == """
        <div class="scroll"><svg class="heat" width="103.2" height="56.4" viewBox="0 0 103.2 56.4" \
        font-size="12" role="img" aria-label="two">\
        <text x="27.2" y="41.4" text-anchor="end">&lt;a&gt;</text>\
        <text transform="translate(54.2 14.4) rotate(-90)">b</text>\
        <text transform="translate(88.2 14.4) rotate(-90)">c</text>\
        <g><title>0 0 &amp; more</title><rect x="33.2" y="20.4" width="33" height="33" \
        fill-opacity="0.25"/><text class="off" x="50.2" y="41.4" text-anchor="middle">25</text></g>\
        </svg></div>
        """)
  }

  @Test("pictures are chosen the same each time, every class among them") func choice() {
    let pictures = (0..<60).map { (id: "p\($0)", labels: [$0 == 33 ? 3 : $0 % 2 + 1]) }
    let chosen = choosePictures(pictures, count: 5)
    #expect(chosen.count == 5 && Set(chosen).count == 5)
    #expect(Set(chosen.flatMap { pictures[$0].labels }) == [1, 2, 3])
    let reversed = choosePictures(pictures.reversed(), count: 5)
    #expect(reversed.map { 59 - $0 } == chosen)
    #expect(choosePictures(pictures, count: 100).count == 60)
    #expect(choosePictures([], count: 3).isEmpty)
  }
}
