internal import CRFRefine
internal import Datasets
internal import Foundation
internal import Metrics
internal import NROI

extension RunMaterial {
  /// What a reader must look into before believing the rest.
  var warnings: [String] {
    stateWarnings + problems + stageWarnings + lossWarnings + maskWarnings + scoreWarnings
      + bankWarnings
  }

  var warningSection: PageSection {
    let warnings = warnings
    return PageSection(
      title: "Warnings",
      content: warnings.isEmpty
        ? """
        <p class="good">None: every stage that ended is up to date with those before it, losses \
        fell, and every label map, score and memory bank there is passed its checks.</p>
        """
        : "<ul class=\"warnings\">\(warnings.html { "<li>\($0)</li>" })</ul>")
  }

  /// Stages that began and did not end, and those that worked with what is no longer there.
  private var stateWarnings: [String] {
    StageName.allCases.filter { $0 != .report }.flatMap { name -> [String] in
      guard let entry = manifest[name] else { return [] }
      guard entry.state == .done else { return ["\(name.rawValue): began and did not end"] }
      return settingWarnings(name, entry)
        + StageName.allCases.compactMap { input in
          guard let used = entry.basis.inputs["the output of \(input.rawValue)"],
            used != manifest[input]?.outputs
          else { return nil }
          return
            "\(name.rawValue): worked with another result of \(input.rawValue) than the one now there; "
            + "run it again"
        }
    }
  }

  /// That a stage was made with other settings than the recipe below states.
  private func settingWarnings(_ name: StageName, _ entry: Manifest.Entry) -> [String] {
    guard recipe.stages.contains(name) else { return [] }
    let changes = recipe.stage(name).basis(inputs: entry.basis.inputs, recipe)
      .changes(since: entry.basis)
    if changes.isEmpty { return [] }
    return [
      "\(name.rawValue): was not made as the recipe of this page says; run it again: "
        + changes.joined(separator: "; ")
    ]
  }

  /// What the stages themselves warned of.
  private var stageWarnings: [String] {
    // Label maps are looked at anew below, and told of by their classes' names.
    let surveyed = Set(masks.map(\.stage))
    return StageName.allCases.filter { !surveyed.contains($0) }.flatMap { name in
      (manifest[name]?.warnings ?? []).map { "\(name.rawValue): \($0)" }
    }
  }

  private var lossWarnings: [String] {
    StageName.allCases.compactMap { name in
      let losses = steps.filter { $0.stage == name.rawValue }
        .compactMap { $0.losses["loss"].map(Double.init) }
      let part = losses.count / 10
      guard part > 0 else { return nil }
      let first = losses.prefix(part).reduce(0, +) / Double(part)
      let last = losses.suffix(part).reduce(0, +) / Double(part)
      guard last >= first else { return nil }
      return
        "\(name.rawValue): the loss did not fall, \(Figures.short(first)) in the first tenth of "
        + "the steps and \(Figures.short(last)) in the last"
    }
  }

  private var maskWarnings: [String] {
    masks.flatMap { counts -> [String] in
      let (survey, stage) = (counts.survey, counts.stage.rawValue)
      var warnings: [String] = []
      let missing = train.records.count - survey.imageCount - counts.problems.count
      if missing > 0 {
        warnings.append("\(Figures.count(missing, "picture")) without a label map")
      }
      if let first = counts.problems.first {
        warnings.append(
          "\(Figures.count(counts.problems.count, "label map")) broken or with labels that the "
            + "picture has not, first \(first)")
      }
      if !survey.missingClasses.isEmpty {
        let list = survey.missingClasses.map { names[$0] }.joined(separator: ", ")
        warnings.append("no label map has \(list), though pictures are labelled with it")
      }
      if !survey.allBackground.isEmpty {
        let some = survey.allBackground.prefix(5).joined(separator: ", ")
        warnings.append(
          "\(Figures.count(survey.allBackground.count, "label map")) without any foreground: \(some)"
            + (survey.allBackground.count > 5 ? " and more" : ""))
      }
      // Seeds are meant to leave much open, pseudo masks are not.
      let limit = counts.stage == .propagate ? 0.5 : 0.9
      if survey.unknownShare > limit {
        warnings.append(
          "\(Figures.percent(survey.unknownShare))\u{202F}% of the pixels are unknown (255)")
      }
      return warnings.map { "\(stage): \($0)" }
    }
  }

  private var scoreWarnings: [String] {
    (scores?.subjects ?? []).compactMap { subject in
      let lost = subject.report.classes.filter { $0.truePixels > 0 && $0.scores.iou == 0 }
      guard !lost.isEmpty else { return nil }
      return "\(subject.name): not one pixel right of "
        + lost.map(\.name).joined(separator: ", ")
    }
  }

  private var bankWarnings: [String] {
    guard let diversity = regions?.diversity, diversity.rows > 1 else { return [] }
    guard diversity.effectiveRank < 2 || diversity.nearDuplicates > 0.95 else { return [] }
    return [
      "fbr: the memory bank has collapsed: effective rank "
        + "\(Figures.short(diversity.effectiveRank)), "
        + "\(Figures.percent(diversity.nearDuplicates))\u{202F}% near duplicates"
    ]
  }
}
