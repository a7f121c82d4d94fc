internal import Foundation

/// A matrix as colours: the larger a value, the fuller its cell. Numbers are shown where there is
/// room, and always when the pointer rests on a cell.
package struct HeatMap {
  private let title: String
  private let rows: [String]
  private let columns: [String]
  private let values: [Double?]
  private let range: ClosedRange<Double>
  private let gaps: Set<Int>
  private let text: (Double) -> String
  private let detail: (_ row: Int, _ column: Int) -> String

  /// - Parameters:
  ///   - title: What it shows, for those who cannot see it.
  ///   - rows: Names of rows.
  ///   - columns: Names of columns.
  ///   - values: A value a cell, row by row; `nil` where there is none.
  ///   - range: The values of an empty and of a full cell.
  ///   - gaps: Columns before which there is a gap.
  ///   - text: What stands in a cell where there is room; empty for nothing.
  ///   - detail: What a cell tells when the pointer rests on it.
  package init(
    title: String, rows: [String], columns: [String], values: [Double?],
    range: ClosedRange<Double> = 0...1, gaps: Set<Int> = [],
    text: @escaping (Double) -> String = { _ in "" },
    detail: @escaping (_ row: Int, _ column: Int) -> String
  ) {
    (self.title, self.rows, self.columns, self.values) = (title, rows, columns, values)
    (self.range, self.gaps, self.text, self.detail) = (range, gaps, text, detail)
  }

  private static let longestName = 18

  private var cell: Double { max(9, min(34, 680 / Double(max(columns.count, 1)))) }

  private func shortened(_ name: String) -> String {
    name.count > Self.longestName ? name.prefix(Self.longestName - 1) + "…" : name
  }

  /// Room for the longest of some names.
  private func room(_ names: [String]) -> Double {
    14 + 6.4 * Double(names.map { shortened($0).count }.max() ?? 0)
  }

  private func x(_ column: Int) -> Double {
    room(rows) + cell * Double(column) + 8 * Double(gaps.filter { $0 <= column }.count)
  }

  private func y(_ row: Int) -> Double { room(columns) + cell * Double(row) }

  /// The drawing at its natural size, in a box that scrolls where the page is narrower.
  package var svg: HTML {
    let (width, height) = (x(columns.count) + 2, y(rows.count) + 2)
    let hasText = cell >= 26
    let fontSize = min(12, cell)
    let rowNames = rows.enumerated().html { row, name in
      """
      <text x="\(room(rows) - 6)" y="\(y(row) + cell / 2 + 4)" \
      text-anchor="end">\(shortened(name))</text>
      """
    }
    let columnNames = columns.enumerated().html { column, name in
      """
      <text transform="translate(\(x(column) + cell / 2 + 4) \(room(columns) - 6)) \
      rotate(-90)">\(shortened(name))</text>
      """
    }
    let cells = rows.indices.html { row in
      columns.indices.html { column in
        guard let value = values[row * columns.count + column] else { return .nothing }
        let share = max(
          0, min(1, (value - range.lowerBound) / (range.upperBound - range.lowerBound)))
        let label = hasText ? text(value) : ""
        let number: HTML =
          label.isEmpty
          ? .nothing
          : """
          <text class="\(share > 0.55 ? "on" : "off")" x="\(x(column) + cell / 2)" \
          y="\(y(row) + cell / 2 + 4)" text-anchor="middle">\(label)</text>
          """
        return """
          <g><title>\(detail(row, column))</title><rect x="\(x(column))" y="\(y(row))" \
          width="\(cell - 1)" height="\(cell - 1)" fill-opacity="\(share)"/>\(number)</g>
          """
      }
    }
    return """
      <div class="scroll"><svg class="heat" width="\(width)" height="\(height)" \
      viewBox="0 0 \(width) \(height)" font-size="\(fontSize)" role="img" \
      aria-label="\(title)">\(rowNames)\(columnNames)\(cells)</svg></div>
      """
  }
}
