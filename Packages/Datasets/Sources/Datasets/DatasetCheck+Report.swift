extension DatasetCheck {
  /// Aligned lines for people: the set, then a line a class; without the problems.
  public var table: String {
    var facts = [
      ["pictures", readable < pictures ? "\(pictures), \(readable) readable" : "\(pictures)"],
      ["without a label", "\(unlabeled)"],
      ["not in the list", "\(unlisted)"],
      ["masks", "\(masks)"],
    ]
    if saliencyMaps > 0 { facts.append(["saliency maps", "\(saliencyMaps)"]) }
    for (name, spread) in [("width", widths), ("height", heights)] {
      facts.append([name, "\(spread.minimum)...\(spread.maximum), median \(spread.median)"])
    }
    return Self.aligned(facts, rightFrom: 2) + "\n\n" + Self.aligned(classRows, rightFrom: 1)
  }

  private var classRows: [[String]] {
    guard masks > 0 else {
      return [["class", "pictures"]] + classes.map { [$0.name, "\($0.pictures)"] }
    }
    let total = classes.reduce(backgroundPixels) { $0 + $1.pixels }
    func share(_ pixels: Int) -> String {
      let thousandths = (pixels * 1000 + total / 2) / max(total, 1)
      return "\(thousandths / 10).\(thousandths % 10)"
    }
    return [
      ["class", "pictures", "in masks", "% of pixels"],
      ["background", "", "", share(backgroundPixels)],
    ] + classes.map { [$0.name, "\($0.pictures)", "\($0.masks)", share($0.pixels)] }
  }

  private static func aligned(_ rows: [[String]], rightFrom first: Int) -> String {
    let widths = (rows.first ?? []).indices.map { column in
      rows.map { $0[column].count }.max() ?? 0
    }
    return rows.map { row in
      let cells = row.indices.map { column in
        let padding = String(repeating: " ", count: widths[column] - row[column].count)
        return column < first ? row[column] + padding : padding + row[column]
      }
      var line = cells.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }
}
