import Datasets
import Foundation
import FoundationXML
import Metrics
import Pipeline
import Tensor
import Testing

/// A report as a browser would take it apart; stops where it is not well formed.
private final class ParsedPage: NSObject, XMLParserDelegate {
  let text: String
  private(set) var sources: [String] = []
  private(set) var links: [String] = []

  init(_ path: String) throws {
    text = try String(contentsOfFile: path, encoding: .utf8)
    super.init()
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = self
    #expect(parser.parse(), "line \(parser.lineNumber): \(String(describing: parser.parserError))")
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    if let source = attributes["src"] { sources.append(source) }
    if let link = attributes["href"] { links.append(link) }
    if name == "img" { #expect(attributes["alt"]?.isEmpty == false) }
  }

  /// The headings of sections, by their anchors.
  var sections: [String] { links.filter { $0.hasPrefix("#") }.map { String($0.dropFirst()) } }

  func checkSelfContained() {
    #expect(sources.allSatisfy { $0.hasPrefix("data:image/jpeg;base64,") })
    #expect(links.allSatisfy { $0.hasPrefix("#") && text.contains("id=\"\($0.dropFirst())\"") })
    for word in ["http://", "https://", "url(", "@import", "<script", "<link", "<iframe"] {
      #expect(!text.contains(word), "\(word)")
    }
    #expect(text.utf8.count < 8_000_000)
  }
}

@Suite("Report", .serialized)
struct ReportTests {
  @Test("a finished run: every section, the scores' numbers, nothing from elsewhere")
  func whole() throws {
    let tiny = try TinyRun()
    defer { tiny.remove() }
    let manifest = try tiny.execute(tiny.recipe(), in: "a")
    let page = try ParsedPage(tiny.folder + "/a/report/index.html")
    page.checkSelfContained()
    #expect(
      page.sections == [
        "warnings", "stages", "scores", "pictures", "worst-and-best", "confusion",
        "negative-regions", "semantic-graph", "label-maps", "training", "recipe",
      ])
    let scores = try RunScores(contentsOf: "\(tiny.folder)/a/evaluate/\(RunScores.file)")
    for subject in scores.subjects {
      let score = try #require(subject.report.meanIoU)
      #expect(page.text.contains(String(format: "%.1f<span class=\"bar\">", score * 100)))
    }
    #expect(page.text.contains("all stages done") && !page.text.contains("not finished"))
    #expect(page.text.contains("(uses ground truth)"))
    #expect(page.text.contains("image labels alone"))
    #expect(page.text.contains("\u{202F}% of them show that class, "))
    let machine = try #require(manifest.stages["classify"]?.machine)
    #expect(page.text.contains("<dd>\(machine)</dd>"))

    // Files that cannot be: the report is made anew, says so and shows the rest.
    let records = try VOCFolder(tiny.sample, list: "train").records
    let chosen = choosePictures(records.map { ($0.id, $0.labels) }, count: 1)
    let record = try #require(records.first { $0.labels == [1] && $0.id != records[chosen[0]].id })
    try LabelMap(repeating: 2, shape: [4, 4])
      .writePNG(to: "\(tiny.folder)/a/seed/\(record.id).png")
    for path in [
      tiny.folder + "/a/fbr/bank.safetensors", tiny.folder + "/a/evaluate/scores.json",
      records[chosen[0]].imagePath,
    ] { try Data("x".utf8).write(to: URL(fileURLWithPath: path)) }
    _ = try tiny.execute(tiny.recipe(["report.pictures=12"]), in: "a", [.report])
    let warned = try ParsedPage(tiny.folder + "/a/report/index.html")
    warned.checkSelfContained()
    #expect(
      warned.sections == ["warnings", "stages", "pictures", "label-maps", "training", "recipe"])
    #expect(
      warned.text.contains(
        "seed: 1 label map broken or with labels that the picture has not, first \(record.id): the "
          + "mask has label 2"))
    for path in ["bank.safetensors", "scores.json", records[chosen[0]].imagePath] {
      #expect(warned.text.contains("\(path): "), "\(path)")
    }
    #expect(warned.text.contains("cannot be shown, see the warnings"))
  }

  @Test(
    "a run that is not finished: what is there is shown, the rest is named; names break nothing")
  func partial() throws {
    let tiny = try TinyRun()
    defer { tiny.remove() }
    let names = tiny.folder + "/names.txt"
    let text = (1...8).map { "<b>\"\($0)\" & 'co' ]]>" }.joined(separator: "\n")
    try Data(text.utf8).write(to: URL(fileURLWithPath: names))
    let recipe = try tiny.recipe([
      "data.classes=\(names)", "data.labels=masks", "report.pictures=2",
    ])
    _ = try tiny.execute(recipe, in: "a", [.report])
    let empty = try ParsedPage(tiny.folder + "/a/report/index.html")
    empty.checkSelfContained()
    #expect(empty.sections == ["warnings", "stages", "pictures", "recipe"])

    let first = try tiny.execute(recipe, in: "a", [.classify, .cam, .seed, .report])
    let page = try ParsedPage(tiny.folder + "/a/report/index.html")
    page.checkSelfContained()
    #expect(
      page.sections == ["warnings", "stages", "pictures", "label-maps", "training", "recipe"])
    #expect(page.text.contains("not finished: fbr, activate, relabel"))
    #expect(page.text.contains("&lt;b&gt;&quot;1&quot; &amp; &#39;co&#39; ]]&gt;"))
    #expect(!page.text.contains("<b>\""))
    // Two pictures with CAM, seed and ground truth, two of the validation list with ground truth.
    #expect(page.sources.count == 2 * 4 + 2 * 2)

    // Nothing changed, nothing is done; another stage, and the report is made anew.
    #expect(try tiny.execute(recipe, in: "a", [.report]) == first)
  }

  @Test("a run that learns ground truth says so") func supervised() throws {
    let tiny = try TinyRun()
    defer { tiny.remove() }
    let recipe = try tiny.recipe([
      "segment.fullySupervised=true", "segment.initial=network", "report.pictures=0",
    ])
    let manifest = try tiny.execute(recipe, in: "a", [.segment, .predict, .evaluate, .report])
    #expect(
      manifest.stages["segment"]?.warnings
        == ["learns the masks of the training list: uses ground truth"])
    let page = try ParsedPage(tiny.folder + "/a/report/index.html")
    page.checkSelfContained()
    #expect(page.text.contains("fully supervised: learns ground-truth masks"))
    #expect(page.text.contains("segment: learns the masks of the training list"))
    #expect(page.text.contains("all stages done"))
    #expect(page.sections == ["warnings", "stages", "scores", "confusion", "training", "recipe"])
  }
}
