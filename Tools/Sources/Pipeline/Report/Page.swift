/// A part of the report with a heading.
struct PageSection {
  /// The heading.
  let title: String
  /// What a reader must know of it.
  var lead: HTML = .nothing
  /// The part.
  let content: HTML

  /// The name that links lead to.
  var anchor: String { title.lowercased().replacing(" ", with: "-") }

  var html: HTML {
    let lead: HTML = lead == .nothing ? .nothing : "<p class=\"soft\">\(lead)</p>"
    return "<section id=\"\(anchor)\"><h2>\(title)</h2>\(lead)\(content)</section>\n"
  }
}

/// The whole page: one file that needs nothing else, and says so to the browser.
struct Page {
  let title: String
  let header: HTML
  let sections: [PageSection]
  let footer: HTML

  var html: HTML {
    let links = sections.html { "<a href=\"#\($0.anchor)\">\($0.title)</a>" }
    return """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"/>
      <meta http-equiv="Content-Security-Policy" \
      content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <title>\(title)</title><style>
      \(HTML(stringLiteral: styleSheet))</style></head>
      <body><header class="top">\(header)<nav aria-label="Sections">\(links)</nav></header>
      <main>
      \(sections.html(\.html))</main><footer>\(footer)</footer></body></html>

      """
  }
}

/// A table in a box that scrolls where the page is narrower.
struct PageTable {
  /// A column: its heading, and whether it holds numbers.
  struct Column {
    let title: String
    var isNumber = false
  }

  let columns: [Column]
  /// Rows of cells; the first cell names the row.
  let rows: [[HTML]]
  /// Whether the last row sums up the others.
  var hasMean = false

  var html: HTML {
    let head = columns.html { "<th scope=\"col\"\(Self.style($0))>\($0.title)</th>" }
    let body = rows.enumerated().html { index, row -> HTML in
      let cells = zip(columns, row).enumerated().html { position, cell -> HTML in
        position == 0
          ? "<th scope=\"row\" class=\"nowrap\">\(cell.1)</th>"
          : "<td\(Self.style(cell.0))>\(cell.1)</td>"
      }
      let isMean = hasMean && index == rows.count - 1
      return "<tr\(isMean ? " class=\"mean\"" : .nothing as HTML)>\(cells)</tr>"
    }
    return """
      <div class="scroll"><table><thead><tr>\(head)</tr></thead><tbody>\(body)</tbody></table></div>
      """
  }

  private static func style(_ column: Column) -> HTML {
    column.isNumber ? " class=\"n\"" : .nothing
  }

  /// A number over a bar as long as its share of 1.
  static func bar(_ share: Double?, _ text: String) -> HTML {
    guard let share else { return "\(text)" }
    let width = max(0, min(1, share)) * 100
    return "\(text)<span class=\"bar\"><i style=\"width:\(width)%\"></i></span>"
  }
}
