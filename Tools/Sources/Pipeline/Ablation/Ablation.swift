internal import Foundation

/// Runs the variants of a recipe several times and sums up their scores; stages that variants have
/// in common are made once.
public struct Ablation {
  private let path, yaml: String
  private let overrides: [String]
  private let plan: AblationPlan
  private let variants: [AblationPlan.Variant]
  private let last: StageName

  /// Reads the recipe of every variant.
  ///
  /// - Parameters:
  ///   - path: The recipe's file.
  ///   - overrides: `section.key=value`, for all variants.
  ///   - plan: What is varied; a recipe as it is comes first.
  ///   - last: The last stage; what is there of it and before is scored.
  /// - Throws: `RecipeError` where a setting, a value or a name of the plan is impossible.
  public init(
    _ path: String, overrides: [String], plan: AblationPlan, last: StageName
  ) throws(RecipeError) {
    (self.path, self.overrides, self.plan, self.last) = (path, overrides, plan, last)
    yaml = try Recipe.text(path)
    variants = [.init(name: "", value: "", settings: [])] + plan.variants
    for variant in variants { _ = try recipe(variant, seed: 1) }
    for (folder, alike) in Dictionary(grouping: variants, by: \.folder)
    where alike.contains(where: { $0.settings != alike[0].settings }) {
      throw RecipeError(["a plan's variants need names of their own; several are called \(folder)"])
    }
  }

  /// Runs what is not done yet; interrupted, it goes on from there.
  ///
  /// - Parameters:
  ///   - folder: Takes a run's folder for each variant and seed, `ablation.json` and `ablation.txt`;
  ///     the report in `recipe/seed-1` shows all variants.
  ///   - donors: Folders of other runs, to take over what they made from the same.
  ///   - console: Tells people how far the work is.
  /// - Returns: The scores of all variants, and why some have none.
  /// - Throws: What stops a stage of every variant, or an interruption; `RecipeError`.
  public func run(
    in folder: String, reusing donors: [String] = [], console: Console
  ) throws -> AblationTable {
    try RunFolder.makeFolder(folder)
    var table = AblationTable(recipe: path, seedKey: plan.seedKey, seeds: plan.seeds)
    var folders = donors
    // The same recipe, whatever it is called, is run once.
    var done: [String: RunScores] = [:]
    var firstFailure: (any Error)?
    for seed in 1...plan.seeds {
      for (index, variant) in variants.enumerated() {
        let recipe = try recipe(variant, seed: seed)
        if let known = done[recipe.yaml()] {
          table.add(known, variant: index, of: variant)
          continue
        }
        let name = variant.folder
        console.say("\(name), \(plan.seedKey) \(seed)")
        do {
          let path = "\(folder)/\(name)/seed-\(seed)"
          let scores = try scores(of: recipe, in: path, &folders, console)
          done[recipe.yaml()] = scores
          table.add(scores, variant: index, of: variant)
        } catch let error as PipelineError where error.kind == .interrupted {
          throw error
        } catch {
          console.warn("\(name), \(plan.seedKey) \(seed): failed: \(error)")
          table.add(failure: "\(error)", seed: seed, variant: index, of: variant)
          firstFailure = firstFailure ?? error
        }
      }
    }
    if let firstFailure, done.isEmpty { throw firstFailure }
    try table.write(to: folder)
    // The report of the recipe as it is shows the others beside it.
    let first = try RunFolder("\(folder)/recipe/seed-1")
    try table.write(to: first.path)
    try Run(try recipe(variants[0], seed: 1), in: first, console: console)
      .execute([.report], forcing: [.report])
    return table
  }

  /// Runs a variant; its folder then lends what it made to the next.
  private func scores(
    of recipe: Recipe, in path: String, _ folders: inout [String], _ console: Console
  ) throws -> RunScores {
    let run = try Run(recipe, in: RunFolder(path), reusing: folders, console: console)
    // What it makes before it fails may be of use to the next, too.
    defer { if run.hasManifest { folders.append(path) } }
    try run.execute(recipe.stages.filter { $0 <= last } + [.evaluate])
    return try RunScores(contentsOf: "\(path)/evaluate/\(RunScores.file)")
  }

  private func recipe(
    _ variant: AblationPlan.Variant, seed: Int
  ) throws(RecipeError) -> Recipe {
    var recipe = try Recipe(
      yaml: yaml, path: path,
      laidOver: overrides.map { RecipeOverride(text: $0) }
        + variant.settings.map { RecipeOverride(origin: variant.origin, text: $0) }
        + [RecipeOverride(origin: "the seed", text: "\(plan.seedKey)=\(seed)")])
    recipe.evaluate.subjects = recipe.evaluate.subjects.filter { $0.stage <= last }
    return recipe
  }
}

extension AblationPlan.Variant {
  /// The name of the folder of its runs.
  fileprivate var folder: String {
    name.isEmpty ? "recipe" : fileName(value.isEmpty ? name : "\(name)=\(value)", "")
  }
}
