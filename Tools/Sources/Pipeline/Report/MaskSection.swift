internal import CRFRefine
internal import Datasets

extension RunMaterial {
  /// What seeds and pseudo masks hold of each class; nothing where there are none.
  var maskSection: PageSection? {
    guard !masks.isEmpty else { return nil }
    var columns: [PageTable.Column] = [
      .init(title: "class"), .init(title: "labelled pictures", isNumber: true),
    ]
    for counts in masks {
      let name = Self.product(counts.stage.rawValue)
      columns.append(.init(title: "\(name): pictures", isNumber: true))
      columns.append(.init(title: "% of pixels", isNumber: true))
    }
    func pixelShare(_ counts: MaskCounts, _ pixels: Int) -> HTML {
      let total = counts.survey.pixels.reduce(counts.survey.unknownPixels, +)
      return "\(Figures.percent(total > 0 ? Double(pixels) / Double(total) : nil))"
    }
    var rows = names.indices.map { label -> [HTML] in
      [
        label == 0 ? "<span class=\"chip\"><i></i>background</span>" : chip(label, names[label]),
        label == 0
          ? "–" : "\(Figures.grouped(train.records.count { $0.labels.contains(label) }))",
      ]
        + masks.flatMap { counts -> [HTML] in
          [
            "\(Figures.grouped(counts.survey.images[label]))",
            pixelShare(counts, counts.survey.pixels[label]),
          ]
        }
    }
    rows.append(
      ["<span class=\"chip\"><i class=\"unknown\"></i>unknown (255)</span>", "–"]
        + masks.flatMap { ["–", pixelShare($0, $0.survey.unknownPixels)] })
    return PageSection(
      title: "Label maps",
      lead: "What those of the training list hold: pictures with a class, and its share of pixels.",
      content: PageTable(columns: columns, rows: rows).html)
  }
}
