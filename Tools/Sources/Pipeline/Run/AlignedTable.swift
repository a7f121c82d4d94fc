/// Rows of cells under one another, without a newline at the end.
///
/// - Parameters:
///   - rows: Cells of text; rows may be of different lengths.
///   - text: The columns that stand to the left; numbers stand to the right.
/// - Returns: A line a row.
public func alignedTable(_ rows: [[String]], text: Set<Int> = [0]) -> String {
  let widths = (0..<(rows.map(\.count).max() ?? 0)).map { column in
    rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
  }
  return rows.map { row in
    var line = row.enumerated().map { column, cell in
      let padding = String(repeating: " ", count: widths[column] - cell.count)
      return text.contains(column) ? cell + padding : padding + cell
    }.joined(separator: "  ")
    while line.last == " " { line.removeLast() }
    return line
  }.joined(separator: "\n")
}
