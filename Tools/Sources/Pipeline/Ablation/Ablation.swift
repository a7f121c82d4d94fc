internal import Foundation

/// Runs the variants of a recipe that differ in one setting each, several times, and sums up their
/// scores; stages that variants have in common are made once.
public struct Ablation {
  private struct Variant {
    var setting: String
    var value: String
    var overrides: [String]
  }

  private let path: String
  private let overrides: [String]
  private let plan: AblationPlan
  private let variants: [Variant]
  private let last: StageName

  /// Reads the recipe of every variant.
  ///
  /// - Parameters:
  ///   - path: The recipe's file.
  ///   - overrides: `section.key=value`, for all variants.
  ///   - plan: What is varied; a recipe as it is comes first.
  ///   - last: The last stage; what is there of it and before is scored.
  /// - Throws: `RecipeError` where a setting or a value of the plan is impossible.
  public init(
    _ path: String, overrides: [String], plan: AblationPlan, last: StageName
  ) throws(RecipeError) {
    (self.path, self.overrides, self.plan, self.last) = (path, overrides, plan, last)
    variants =
      [Variant(setting: "", value: "", overrides: [])]
      + plan.factors.flatMap { factor in
        factor.values.map {
          Variant(setting: factor.key, value: $0, overrides: ["\(factor.key)=\($0)"])
        }
      }
    for variant in variants { _ = try recipe(variant, seed: 1) }
  }

  /// Runs what is not done yet; interrupted, it goes on from there.
  ///
  /// - Parameters:
  ///   - folder: Takes a run's folder for each variant and seed, `ablation.json` and `ablation.txt`.
  ///   - console: Tells people how far the work is.
  /// - Returns: The scores of all variants.
  /// - Throws: What stops a stage; `RecipeError`.
  public func run(in folder: String, console: Console) throws -> AblationTable {
    try RunFolder.makeFolder(folder)
    var table = AblationTable(recipe: path, seedKey: plan.seedKey, seeds: plan.seeds)
    var folders: [String] = []
    // The same recipe, whatever it is called, is run once.
    var done: [String: RunScores] = [:]
    for seed in 1...plan.seeds {
      for (index, variant) in variants.enumerated() {
        let recipe = try recipe(variant, seed: seed)
        let scores: RunScores
        if let known = done[recipe.yaml()] {
          scores = known
        } else {
          let name =
            variant.setting.isEmpty ? "recipe" : fileName("\(variant.setting)=\(variant.value)", "")
          console.say("\(name), \(plan.seedKey) \(seed)")
          let path = "\(folder)/\(name)/seed-\(seed)"
          let run = try Run(recipe, in: RunFolder(path), reusing: folders, console: console)
          try run.execute(StageName.allCases.filter { $0 <= last } + [.evaluate])
          folders.append(path)
          scores = try RunScores(contentsOf: "\(path)/evaluate/\(RunScores.file)")
        }
        done[recipe.yaml()] = scores
        table.add(scores, variant: index, setting: variant.setting, value: variant.value)
      }
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try RunFolder.write(try encoder.encode(table), to: "\(folder)/\(AblationTable.file)")
    try RunFolder.write(table.text, to: "\(folder)/ablation.txt")
    return table
  }

  private func recipe(_ variant: Variant, seed: Int) throws(RecipeError) -> Recipe {
    var recipe = try Recipe(
      contentsOf: path,
      overrides: overrides + variant.overrides + ["\(plan.seedKey)=\(seed)"])
    recipe.evaluate.subjects = recipe.evaluate.subjects.filter { $0.stage <= last }
    return recipe
  }
}

/// The scores of the variants of a recipe.
public struct AblationTable: Codable, Sendable {
  /// The file in an ablation's folder.
  public static let file = "ablation.json"

  /// A variant.
  public struct Row: Codable, Sendable {
    /// The varied setting; empty for the recipe as it is.
    public var setting: String
    /// Its value.
    public var value: String
    /// The score of each seed, 0...1, by `stage mIoU` or `classify mAP`.
    public var scores: [String: [Double]]
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

  mutating func add(_ scores: RunScores, variant: Int, setting: String, value: String) {
    if rows.count == variant { rows.append(Row(setting: setting, value: value, scores: [:])) }
    let figures = scores.figures
    if names.isEmpty {
      names =
        figures.keys.filter { $0 == "classify mAP" }
        + scores.subjects.map { "\($0.name) mIoU" }
    }
    for (name, score) in figures { rows[variant].scores[name, default: []].append(score) }
  }

  /// A line a variant: the mean and, of several seeds, the standard deviation of each score.
  public var text: String {
    let header = ["setting", "value"] + names
    let lines = rows.map { row in
      [row.setting.isEmpty ? "recipe" : row.setting, row.value.isEmpty ? "-" : row.value]
        + names.map { row.scores[$0].map(meanAndSpread) ?? "-" }
    }
    let spread = seeds > 1 ? "mean ± standard deviation of \(seeds) runs, " : ""
    return alignedTable([header] + lines, text: [0, 1])
      + "\n\nin %, \(spread)\(seedKey) 1...\(seeds)\n"
  }
}

/// Shares as percentages: `45.1 ± 0.3`.
private func meanAndSpread(_ values: [Double]) -> String {
  let mean = values.reduce(0, +) / Double(values.count)
  let text = String(format: "%.1f", mean * 100)
  guard values.count > 1 else { return text }
  let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  return text + String(format: " ± %.1f", (squares / Double(values.count - 1)).squareRoot() * 100)
}
