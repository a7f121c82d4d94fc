internal import Foundation

/// The scores of the variants of a recipe.
public struct AblationTable: Codable, Sendable {
  /// The file in an ablation's folder.
  public static let file = "ablation.json"

  /// A variant.
  public struct Row: Codable, Sendable {
    /// The varied setting, or the name of several; empty for the recipe as it is.
    public var setting: String
    /// Its value, or all of `section.key=value`.
    public var value: String
    /// The score of each seed, 0...1, by `stage mIoU` or `classify mAP`.
    public var scores: [String: [Double]]
    /// Why seeds have no scores, a sentence each; `nil` where all have.
    public var failures: [String]?

    /// The mean of a score over the seeds.
    func mean(_ name: String) -> Double? {
      scores[name].map { $0.reduce(0, +) / Double($0.count) }
    }

    /// A score in percent: `45.1 ± 0.3`, the standard deviation where there are several seeds.
    func meanAndSpread(_ name: String) -> String {
      guard let values = scores[name], let mean = mean(name) else { return "-" }
      let text = String(format: "%.1f", mean * 100)
      guard values.count > 1 else { return text }
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let deviation = (squares / Double(values.count - 1)).squareRoot()
      return text + String(format: " ± %.1f", deviation * 100)
    }
  }

  /// The recipe's file.
  public var recipe: String
  /// The setting that took the seeds.
  public var seedKey: String
  /// Runs of each variant.
  public var seeds: Int
  /// The recipe as it is, then each variant.
  public var rows: [Row] = []
  /// The scores' names, in the stages' order.
  public var names: [String] = []

  init(recipe: String, seedKey: String, seeds: Int) {
    (self.recipe, self.seedKey, self.seeds) = (recipe, seedKey, seeds)
  }

  /// The table in a run's folder, if one is there.
  ///
  /// - Throws: `PipelineError` where it is broken.
  init?(of folder: RunFolder) throws(PipelineError) {
    let path = "\(folder.path)/\(Self.file)"
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    do {
      self = try JSONDecoder().decode(Self.self, from: data)
    } catch {
      throw PipelineError(.data, "\(path): is no table of an ablation: \(error)")
    }
  }

  mutating func add(_ scores: RunScores, variant index: Int, of variant: AblationPlan.Variant) {
    addRow(index, variant)
    let figures = scores.figures
    if names.isEmpty {
      names =
        figures.keys.filter { $0 == "classify mAP" }
        + scores.subjects.map(\.figure)
    }
    for (name, score) in figures { rows[index].scores[name, default: []].append(score) }
  }

  /// Notes why a seed of a variant has no scores.
  mutating func add(
    failure: String, seed: Int, variant index: Int, of variant: AblationPlan.Variant
  ) {
    addRow(index, variant)
    rows[index].failures = (rows[index].failures ?? []) + ["\(seedKey) \(seed): \(failure)"]
  }

  private mutating func addRow(_ index: Int, _ variant: AblationPlan.Variant) {
    guard rows.count == index else { return }
    let value = variant.value.isEmpty ? variant.settings.joined(separator: " ") : variant.value
    rows.append(Row(setting: variant.name, value: value, scores: [:]))
  }

  /// Why scores are missing: a line for each run that failed.
  public var failures: [String] {
    rows.flatMap { row in
      (row.failures ?? []).map {
        let name = row.setting.isEmpty ? "recipe" : "\(row.setting) \(row.value)"
        return "\(name), \($0.split(separator: "\n").joined(separator: "; "))"
      }
    }
  }

  /// What the numbers are.
  var note: String {
    (seeds > 1 ? "Mean ± standard deviation of \(seeds) runs" : "One run") + " a line, "
      + "\(seedKey) 1...\(seeds)."
  }

  /// A line a variant.
  public var text: String {
    let header = ["setting", "value"] + names
    let lines = rows.map { row in
      [row.setting.isEmpty ? "recipe" : row.setting, row.value.isEmpty ? "-" : row.value]
        + names.map { row.scores.isEmpty ? "failed" : row.meanAndSpread($0) }
    }
    return alignedTable([header] + lines, text: [0, 1]) + "\n\nIn percent. \(note)\n"
      + failures.map { "Failed: \($0)\n" }.joined()
  }

  /// Writes `ablation.json` and `ablation.txt`.
  func write(to folder: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try RunFolder.write(try encoder.encode(self), to: "\(folder)/\(Self.file)")
    try RunFolder.write(text, to: "\(folder)/ablation.txt")
  }
}
