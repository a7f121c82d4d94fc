internal import Foundation

extension RunMaterial {
  /// Every loss of every training, and its learning rate; nothing where nothing trained.
  var lossSection: PageSection? {
    let content = StageName.allCases.html { stage -> HTML in
      let mine = steps.filter { $0.stage == stage.rawValue }
      guard let first = mine.first, let last = mine.last else { return .nothing }
      let names = Set(mine.flatMap(\.losses.keys)).sorted {
        ($0 == "loss" ? 0 : 1, $0) < ($1 == "loss" ? 0 : 1, $1)
      }
      let charts = names.html { name in
        chart(
          name == "loss" ? "total loss" : Figures.words(name),
          mine.compactMap { $0.losses[name].map(Double.init) }, from: first.step)
      }
      let seconds = mine.map(\.seconds).reduce(0, +) / Double(mine.count)
      return """
        <h3>\(stage.rawValue): \(Figures.count(mine.count, "step")), epochs 1 to \
        \(last.epoch + 1), \(Figures.short(seconds)) s a step</h3>
        <div class="charts">\(charts)\
        \(chart("learning rate", mine.map(\.learningRate), from: first.step))</div>
        """
    }
    guard content != .nothing else { return nil }
    return PageSection(
      title: "Training",
      lead: """
        Against steps: pale as logged, full as the mean over the steps around. The rarest hundredth \
        of the values may lie outside of a chart.
        """,
      content: content)
  }

  private func chart(_ title: String, _ values: [Double], from step: Int) -> HTML {
    let chart = LineChart(title: title, values: values, firstStep: step)
    let end = values.suffix(max(values.count / 10, 1))
    let mean = end.reduce(0, +) / Double(max(end.count, 1))
    return """
      <figure><figcaption><span>\(title)</span><span class="soft">last tenth \
      \(Figures.short(mean))</span></figcaption>\(chart.svg)</figure>
      """
  }
}
