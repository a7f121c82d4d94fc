internal import Datasets
internal import Foundation
internal import NROI
internal import Tensor

extension RunMaterial {
  /// What the memory bank holds, and how near classes and regions are to each other.
  func regionSection() throws -> [PageSection] {
    guard let regions else { return [] }
    let cards = try regions.regions.enumerated().html { index, region in
      let patches = try region.patches.html {
        try $0.image.embedded("a place in \($0.id) near region \(index + 1)", quality: 82)
      }
      let beside = region.classShares.enumerated().filter { $0.offset > 0 && $0.element >= 0.15 }
        .sorted { $0.element > $1.element }.prefix(3)
        .map { "\(names[$0.offset]) \(Int(($0.element * 100).rounded()))\u{202F}%" }
      return """
        <figure><div class="patches">\(patches)</div><figcaption><b>R\(index + 1)</b> \
        \(Figures.percent(region.share))\u{202F}% of the bank\
        \(beside.isEmpty ? "" : "; with " + beside.joined(separator: ", "))</figcaption></figure>
        """
    }
    let (bank, diversity) = (regions.bank, regions.diversity)
    let measures: HTML =
      diversity.map { found in
        """
        <p>The bank is \(Figures.percent(bank.fill))\u{202F}% full after \(Figures.grouped(bank.pushed)) \
        centroids. Its rows spread over \(Figures.short(found.effectiveRank)) directions (effective \
        rank); \(Figures.percent(found.nearDuplicates))\u{202F}% have a near duplicate (cosine 0.99); \
        groups are \(Figures.short(found.betweenDistance)) apart and \
        \(Figures.short(found.withinDistance)) wide.</p>
        """
      } ?? .nothing
    let gallery = PageSection(
      title: "Negative regions",
      lead: """
        The memory bank's centroids of background, grouped into \(regions.regions.count) regions; for \
        each the nearest background of \(Figures.count(regions.pictureCount, "training picture")), \
        and the classes that the pictures with this background are labelled with.
        """,
      content: "\(measures)\(queries(regions.queries))<div class=\"regions\">\(cards)</div>")
    guard !regions.classes.isEmpty else { return [gallery] }
    return [gallery, graphSection(regions)]
  }

  /// Nothing without ground truth or queries.
  private func queries(_ found: QuerySurvey) -> HTML {
    guard found.count > 0 else { return .nothing }
    func share(_ count: Int) -> String { Figures.percent(Double(count) / Double(found.count)) }
    return """
      <p>Of the pixels labelled with a class, \
      \(Figures.percent(Double(found.count) / Double(found.labelled)))\u{202F}% are uncertain and \
      pulled to their class, away from background: the queries. By ground truth \
      \(share(found.right))\u{202F}% of them show that class, \(share(found.background))\u{202F}% \
      background and \(share(found.other))\u{202F}% another class.</p>
      """
  }

  private func graphSection(_ regions: RegionSurvey) -> PageSection {
    let rows = regions.classes.map { names[$0] }
    let columns = rows + regions.regions.indices.map { "R\($0 + 1)" }
    let values = regions.graph.scalars.map(Double.init)
    // A class is 1 with itself: the others decide what the colours tell apart.
    let others = values.indices.filter { $0 / columns.count != $0 % columns.count }
      .map { values[$0] }
    let low = others.min() ?? 0
    let range = low...max(others.max() ?? 1, low + 1e-6)
    return PageSection(
      title: "Semantic graph",
      lead: """
        Cosines of the classes' prototypes with each other and with the negative regions. Colours \
        from \(String(format: "%.2f", range.lowerBound)) to \
        \(String(format: "%.2f", range.upperBound)); a class is 1 with itself. A class close to a region is easily taken for that background.
        """,
      content: HeatMap(
        title: "Semantic graph", rows: rows, columns: columns, values: values, range: range,
        gaps: [rows.count],
        text: { String(format: "%.2f", $0).replacingOccurrences(of: "0.", with: ".") },
        detail: { row, column in
          "\(rows[row]) and \(columns[column]): "
            + String(format: "%.3f", values[row * columns.count + column])
        }
      ).svg)
  }
}
