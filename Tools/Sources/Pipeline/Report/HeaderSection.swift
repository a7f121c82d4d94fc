internal import Datasets
internal import Foundation
internal import Metrics

extension RunMaterial {
  /// The run's name.
  var title: String {
    URL(fileURLWithPath: context.folder.path).standardizedFileURL.lastPathComponent
  }

  /// What ran on which data, where and when.
  var header: HTML {
    let unfinished = wantedStages.filter { !isDone($0) }
    let state: HTML =
      unfinished.isEmpty
      ? "<span class=\"badge good\">all stages done</span>"
      : """
      <span class="badge warn">not finished: \
      \(unfinished.map(\.rawValue).joined(separator: ", "))</span>
      """
    let supervision: HTML =
      isFullySupervised
      ? "<span class=\"badge warn\">fully supervised: learns ground-truth masks</span>"
      : "<span class=\"badge\">weakly supervised: image labels alone</span>"
    return """
      <h1>\(title)</h1>
      <p class="soft">A run of fbr on \(dataName): \
      \(Figures.count(train.classes.count, "class").replacing("classs", with: "classes")), \
      \(Figures.count(train.records.count, "training picture")), \
      \(Figures.count(validation?.records.count ?? 0, "validation picture")).</p>
      \(state)\(supervision)\(tiles)\(facts)
      """
  }

  private var dataName: String {
    URL(fileURLWithPath: recipe.data.root).standardizedFileURL.lastPathComponent
  }

  private var tiles: HTML {
    let seconds = wantedStages.compactMap { manifest[$0]?.seconds }.reduce(0, +)
    let figures: [(String, String)?] = [
      (scores?.classification?.meanAveragePrecision)
        .map { (Figures.percent($0) + "\u{202F}%", "mAP of the classifier, validation") },
      (subject(.cam)?.report.meanIoU)
        .map { (Figures.percent($0) + "\u{202F}%", "mIoU of the CAMs, train") },
      (subject(.propagate)?.report.meanIoU)
        .map { (Figures.percent($0) + "\u{202F}%", "mIoU of the pseudo masks, train") },
      (subject(.predict)?.report.meanIoU)
        .map { (Figures.percent($0) + "\u{202F}%", "mIoU of the predictions, validation") },
      (Console.duration(seconds), "in all stages"),
    ]
    let tiles = figures.compactMap(\.self).html { figure, what in
      "<div class=\"tile\"><b>\(figure)</b><span>\(what)</span></div>"
    }
    return "<div class=\"tiles\">\(tiles)</div>"
  }

  private var networks: HTML {
    func text(_ network: NetworkSettings) -> String {
      "\(network.name), output stride \(network.outputStride), "
        + (network.weights.isEmpty ? "random weights" : network.weights)
    }
    let segmentation = recipe.segment.network
    return segmentation == recipe.network
      ? "\(text(recipe.network))"
      : "\(text(recipe.network)); segmentation by \(text(segmentation))"
  }

  private var facts: HTML {
    let entries = wantedStages.compactMap { manifest[$0] }
    let machines = Set(entries.compactMap(\.machine)).sorted()
    let ends = entries.compactMap(\.finished).sorted()
    let lists =
      recipe.data.train + (recipe.data.validation.isEmpty ? "" : ", \(recipe.data.validation)")
    let facts: [(String, HTML)] = [
      ("Data", "\(recipe.data.root) (\(recipe.data.kind.rawValue)), lists \(lists)"),
      (
        "Classes",
        train.classes.names.enumerated().html { chip($0.offset + 1, $0.element) + " " }
      ),
      ("Network", networks),
      ("Random seed", "\(recipe.randomSeed)"),
      (
        "Program",
        "fbr \(Set(entries.map(\.version)).sorted().joined(separator: ", "))"
      ),
      (
        "Machine", "\(machines.isEmpty ? "not noted" : machines.joined(separator: "; "))"
      ),
      (
        "Finished",
        ends.last.map { last -> HTML in
          ends.count > 1
            ? "first stage \(Figures.time(ends[0])), last \(Figures.time(last))"
            : "\(Figures.time(last))"
        } ?? "nothing yet"
      ),
    ]
    return "<dl class=\"facts\">\(facts.html { "<dt>\($0.0)</dt><dd>\($0.1)</dd>" })</dl>"
  }
}
