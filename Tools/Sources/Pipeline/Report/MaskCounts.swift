internal import CRFRefine
internal import Datasets
internal import Foundation
internal import Tensor

/// What the label maps of one stage hold.
struct MaskCounts {
  let stage: StageName
  let survey: MaskSurvey
  /// Label maps that cannot be read or do not fit their pictures' labels, a sentence each.
  let problems: [String]

  /// Reads every label map of some stages.
  static func all(
    _ stages: [StageName], of source: any ImageSource, _ context: StageContext
  ) throws -> [MaskCounts] {
    guard !stages.isEmpty else { return [] }
    let paths = stages.map { context.folder.folder(of: $0) }
    var surveys = stages.map { _ in MaskSurvey(classCount: source.classes.count) }
    var problems = stages.map { _ in [String]() }
    try context.forEach(
      source.records, name: "report masks",
      load: { record in
        paths.map { path -> Result<LabelMap, any Error>? in
          let file = "\(path)/\(fileName(record.id, ".png"))"
          guard FileManager.default.fileExists(atPath: file) else { return nil }
          return Result { try LabelMap(contentsOf: file) }
        }
      },
      finish: { record, masks in
        for (index, mask) in masks.enumerated() {
          guard let mask else { continue }
          do {
            try surveys[index].add(mask.get(), id: record.id, classes: record.labels)
          } catch {
            problems[index].append("\(error)")
          }
        }
      })
    return stages.indices.map {
      MaskCounts(stage: stages[$0], survey: surveys[$0], problems: problems[$0])
    }
  }
}
