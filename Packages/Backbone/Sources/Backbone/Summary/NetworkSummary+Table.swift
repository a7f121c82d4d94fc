extension NetworkSummary: CustomStringConvertible {
  /// A table, one operation a line, and the totals.
  public var description: String {
    let header = ["layer", "operation", "output", "parameters", "FLOPs", "memory"]
    let rows = layers.map { layer in
      [
        layer.name, layer.operation, layer.outputShape.map(String.init).joined(separator: " x "),
        layer.parameterCount == 0 ? "" : Self.grouped(layer.parameterCount),
        layer.operationCount == 0 ? "" : Self.scaled(layer.operationCount, "FLOP", step: 1000),
        Self.scaled(layer.outputBytes, "B", step: 1024),
      ]
    }
    let widths = header.indices.map { column in
      ([header] + rows).map { $0[column].count }.max() ?? 0
    }
    let lines = ([header] + rows).map { row in
      let cells = row.enumerated().map { column, text in
        let padding = String(repeating: " ", count: widths[column] - text.count)
        return column < 3 ? text + padding : padding + text
      }
      return cells.joined(separator: "  ")
    }
    let rule = String(repeating: "-", count: widths.reduce(0, +) + 2 * (widths.count - 1))
    return ([lines[0], rule] + lines.dropFirst() + [rule, totals]).joined(separator: "\n")
  }

  /// The totals, in one line.
  public var totals: String {
    "\(Self.grouped(parameterCount)) parameters"
      + " (\(Self.scaled(4 * parameterCount, "B", step: 1024))), "
      + "\(Self.scaled(operationCount, "FLOP", step: 1000)), "
      + "\(Self.scaled(outputBytes, "B", step: 1024)) of outputs, "
      + "\(Self.scaled(peakBytes, "B", step: 1024)) at once in inference"
  }

  private static func grouped(_ number: Int) -> String {
    var text = String(number)
    var place = text.count - 3
    while place > 0 {
      text.insert(" ", at: text.index(text.startIndex, offsetBy: place))
      place -= 3
    }
    return text
  }

  /// Three digits and a prefix: `4.12 GFLOP`, `98.0 MiB`.
  private static func scaled(_ number: Int, _ unit: String, step: Double) -> String {
    var (value, power) = (Double(number), 0)
    while value >= step && power < 4 {
      value /= step
      power += 1
    }
    let prefixes = step == 1024 ? ["", "Ki", "Mi", "Gi", "Ti"] : ["", "k", "M", "G", "T"]
    if power == 0 { return "\(number) \(unit)" }
    let scale = value < 10 ? 100.0 : value < 100 ? 10 : 1
    var digits = String((value * scale).rounded() / scale)
    if scale == 1 { digits = String(digits.split(separator: ".")[0]) }
    if scale == 100 && digits.split(separator: ".").last?.count == 1 { digits += "0" }
    return "\(digits) \(prefixes[power])\(unit)"
  }
}
