internal import Datasets
internal import Foundation
internal import Metrics

extension RunMaterial {
  /// What a stage makes, for people.
  static func product(_ name: String) -> String {
    switch StageName(rawValue: name) {
    case .cam: "CAM"
    case .seed: "seeds"
    case .activate: "FBR maps"
    case .relabel: "relabelled seeds"
    case .propagate: "pseudo masks"
    case .predict: "predictions"
    default: name
    }
  }

  /// mIoU along the stages, whole and by class; nothing without scores.
  var scoreSection: PageSection? {
    guard let scores, !scores.subjects.isEmpty || scores.classification != nil else { return nil }
    return PageSection(
      title: "Scores",
      lead: """
        IoU in percent, against ground-truth masks. Maps become labels by a background score: the \
        recipe's, or where none is told one that each picture's own scores give; the best constant \
        is what ground truth would choose, and no result. Seeds leave pixels open: precision is the \
        share of right ones among labelled pixels, coverage the share that has a label.
        """,
      content: (scores.subjects.isEmpty ? .nothing : summary(scores)) + perClass(scores))
  }

  private func summary(_ scores: RunScores) -> HTML {
    let rows = scores.subjects.map { subject -> [HTML] in
      [
        "\(Self.product(subject.name))", "\(subject.list)",
        PageTable.bar(subject.report.meanIoU, Figures.percent(subject.report.meanIoU)),
        "\(Figures.percent(subject.precision))", "\(Figures.percent(subject.coverage))",
        "\(subject.threshold.map { String(format: "%.2f", $0) } ?? rule(subject))",
        subject.best.map { best -> HTML in
          """
          \(Figures.percent(best.meanIoU)) at \(String(format: "%.2f", best.threshold)) \
          <span class="warn">(\(best.note))</span>
          """
        } ?? "–",
      ]
    }
    return PageTable(
      columns: [
        .init(title: "of"), .init(title: "pictures"), .init(title: "mIoU", isNumber: true),
        .init(title: "precision", isNumber: true), .init(title: "coverage", isNumber: true),
        .init(title: "background score", isNumber: true),
        .init(title: "best constant", isNumber: true),
      ], rows: rows
    ).html
  }

  /// How maps found their background where no constant score did.
  private func rule(_ subject: RunScores.Subject) -> String {
    subject.best == nil ? "–" : manifest[.evaluate]?.basis.settings["evaluate.rule"] ?? "–"
  }

  private func perClass(_ scores: RunScores) -> HTML {
    let precision = scores.classification?.averagePrecision
    let columns =
      [PageTable.Column(title: "class")]
      + (precision == nil ? [] : [.init(title: "classifier AP", isNumber: true)])
      + scores.subjects.map {
        .init(title: "\(Self.product($0.name)), \($0.list)", isNumber: true)
      }
    func row(_ name: HTML, _ ap: Double?, _ values: [Double?]) -> [HTML] {
      let all = (precision == nil ? [] : [ap]) + values
      return [name] + all.map { PageTable.bar($0, Figures.percent($0)) }
    }
    var rows = names.indices.map { label in
      row(
        label == 0 ? "<span class=\"chip\"><i></i>background</span>" : chip(label, names[label]),
        label > 0 ? precision?[label - 1] : nil,
        scores.subjects.map { $0.report.classes[label].scores.iou })
    }
    rows.append(
      row(
        "mean", scores.classification?.meanAveragePrecision,
        scores.subjects.map(\.report.meanIoU)))
    return "<h3>By class</h3>" + PageTable(columns: columns, rows: rows, hasMean: true).html
  }

  /// What is taken for what, of the pseudo masks and of the predictions.
  var confusionSection: PageSection? {
    let maps = [StageName.propagate, .predict].compactMap { subject($0) }.html { subject in
      """
      <div><h3>\(Self.product(subject.name)), \(subject.list)</h3>\(confusion(subject).svg)</div>
      """
    }
    guard maps != .nothing else { return nil }
    return PageSection(
      title: "Confusion",
      lead: """
        Rows are the ground truth and sum to 100\u{202F}%; columns are what was found. A cell tells its \
        pixels when the pointer rests on it.
        """,
      content: "<div class=\"maps\">\(maps)</div>")
  }

  private func confusion(_ subject: RunScores.Subject) -> HeatMap {
    let matrix = subject.confusion
    let hasUnknown = matrix.unknown.contains { $0 > 0 }
    let columns = names + (hasUnknown ? ["unknown (255)"] : [])
    func count(_ truth: Int, _ found: Int) -> Int {
      found < matrix.classes ? matrix[truth, found] : matrix.unknown[truth]
    }
    let totals = names.indices.map { truth in
      columns.indices.reduce(0) { $0 + count(truth, $1) }
    }
    let names = names
    return HeatMap(
      title: "Confusion of \(Self.product(subject.name))", rows: names, columns: columns,
      values: names.indices.flatMap { truth in
        columns.indices.map { found in
          totals[truth] > 0 ? Double(count(truth, found)) / Double(totals[truth]) : nil
        }
      },
      gaps: hasUnknown ? [names.count] : [],
      text: { $0 >= 0.005 ? String(format: "%.0f", $0 * 100) : "" },
      detail: { truth, found in
        let share = Double(count(truth, found)) / Double(max(totals[truth], 1))
        return "\(names[truth]) found as \(columns[found]): \(Figures.percent(share))\u{202F}%, "
          + "\(Figures.grouped(count(truth, found))) pixels"
      })
  }
}
