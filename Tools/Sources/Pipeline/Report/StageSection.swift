internal import Datasets
internal import Foundation

extension RunMaterial {
  /// Time, memory, figures and state of each stage.
  var stageSection: PageSection {
    let longest = wantedStages.compactMap { manifest[$0]?.seconds }.max() ?? 0
    let rows = wantedStages.map { name -> [HTML] in
      guard let entry = manifest[name] else {
        return ["\(name.rawValue)", "<span class=\"soft\">not run</span>", "–", "–", "–", ""]
      }
      let state: HTML =
        entry.state == .done
        ? "<span class=\"good\">done</span>"
        : "<span class=\"warn\">unfinished</span>\(progress(name))"
      let figures = entry.figures.sorted { $0.key < $1.key }
        .map { "\(Figures.words($0.key)) \(Figures.short($0.value))" }.joined(separator: ", ")
      return [
        "\(name.rawValue)", state,
        PageTable.bar(
          longest > 0 ? entry.seconds / longest : nil,
          entry.seconds > 0 ? Console.duration(entry.seconds) : "–"),
        "\(entry.seconds > 0 ? String(format: "%.1f", entry.cpuSeconds / entry.seconds) : "–")",
        "\(entry.peakMiB > 0 ? Figures.grouped(Int(entry.peakMiB.rounded())) : "–")",
        "<div class=\"figures\">\(figures)</div>",
      ]
    }
    return PageSection(
      title: "Stages",
      lead: "Time is that of all attempts together; memory is the most the process held.",
      content: PageTable(
        columns: [
          .init(title: "stage"), .init(title: "state"), .init(title: "time", isNumber: true),
          .init(title: "cores busy", isNumber: true), .init(title: "peak MiB", isNumber: true),
          .init(title: "figures"),
        ], rows: rows
      ).html)
  }

  /// How far an unfinished training is.
  private func progress(_ name: StageName) -> HTML {
    let count = steps.count { $0.stage == name.rawValue }
    return count > 0 ? ", \(Figures.count(count, "step"))" : .nothing
  }
}
