internal import Foundation

/// The constants of `report`.
public struct ReportSettings: Settings {
  /// Pictures in each gallery, 0...12.
  public var pictures = 6

  /// Creates the defaults.
  public init() {}

  /// States what the values must fulfil.
  public func check(_ rules: inout SettingRules) {
    rules.require((0...12).contains(pictures), "pictures", pictures, expected: "0...12")
  }
}

/// Tells what a run did, as far as it is: one page that needs nothing else.
///
/// Reads the manifest, the log and what the stages wrote; writes `index.html`.
struct ReportStage: Stage {
  let recipe: Recipe
  let name = StageName.report
  var optionalInputs: [StageName] { StageName.allCases.filter { $0 != .report } }
  var data: [DataPart] { DataPart.allCases }
  /// All: the page states them, and warns of stages that were made with others.
  var settings: [String: any Settings] { ["recipe": recipe] }

  func run(_ context: StageContext) throws -> [String: Double] {
    let run = try RunMaterial(context)
    let pictures = [try run.gallerySection(), try run.extremesSection()]
    // Warnings come first and are written last: they tell of files that could not be shown.
    let sections: [PageSection?] =
      [run.warningSection, run.stageSection, run.scoreSection, run.ablationSection]
      + pictures + [run.confusionSection] + (try run.regionSection())
      + [run.maskSection, run.lossSection, recipeSection]
    let page = Page(
      title: "\(run.title): fbr report", header: run.header,
      sections: sections.compactMap(\.self),
      footer: """
        Made by fbr \(Run.version) on \(Figures.time(Date.now.formatted(.iso8601))). This page holds \
        all it shows.
        """)
    try RunFolder.write(page.html.markup, to: context.output(ReportStage.file))
    return ["warnings": Double(run.warnings.count)]
  }

  /// The page in the stage's folder.
  static let file = "index.html"

  private var recipeSection: PageSection {
    PageSection(
      title: "Recipe",
      content: """
        <details><summary>every value of this run</summary><pre>\(recipe.yaml())</pre></details>
        """)
  }
}
