internal import Foundation
public import Metrics

/// The scores of a run's stages against ground truth: `evaluate/scores.json`.
public struct RunScores: Codable, Sendable {
  /// The file in the stage's folder.
  public static let file = "scores.json"

  /// The scores of one stage.
  public struct Subject: Codable, Sendable {
    /// The stage.
    public var name: String
    /// The list of pictures.
    public var list: String
    /// The background's constant score, for maps that have one.
    public var threshold: Double?
    /// IoU and its relatives.
    public var report: SegmentationReport
    /// All counts.
    public var confusion: ConfusionMatrix
    /// The threshold that ground truth would choose: no result on unseen data.
    public var best: Best?
    /// Each picture's score.
    public var pictures: [Picture]?

    /// What its mean IoU is called among other numbers.
    var figure: String {
      let isExtra = list == "validation" && name != EvaluateSettings.Subject.predict.rawValue
      return name + (isExtra ? " validation mIoU" : " mIoU")
    }

    /// The table of all classes.
    public var table: String { report.table }

    /// The share of counted pixels that have a label, for label maps.
    public var coverage: Double {
      let (all, unknown) = (confusion.counts.reduce(0, +), confusion.unknown.reduce(0, +))
      return all + unknown > 0 ? Double(all) / Double(all + unknown) : 0
    }

    /// The share of labelled pixels whose label is right.
    public var precision: Double {
      let all = confusion.counts.reduce(0, +)
      let right = (0..<confusion.classes).reduce(0) { $0 + confusion[$1, $1] }
      return all > 0 ? Double(right) / Double(all) : 0
    }
  }

  /// A threshold chosen by ground truth.
  public struct Best: Codable, Sendable {
    /// The background's score.
    public var threshold: Double
    /// The mean IoU there.
    public var meanIoU: Double
    /// What a reader must know.
    public var note = ThresholdSweep.note

    init(_ threshold: Double, _ meanIoU: Double) {
      (self.threshold, self.meanIoU) = (threshold, meanIoU)
    }
  }

  /// A picture's score.
  public struct Picture: Codable, Sendable {
    /// Its name.
    public var id: String
    /// The mean IoU over the classes in it.
    public var meanIoU: Double
  }

  /// Every stage's scores, in order.
  public var subjects: [Subject] = []
  /// The classifier's scores on the validation list.
  public var classification: ClassificationScores?

  /// A line a stage.
  public var summary: String {
    var lines: [[String]] = [["stage", "pictures", "mIoU", "precision", "coverage", "note"]]
    if let score = classification?.meanAveragePrecision {
      lines.append(["classify", "validation", "", "", "", "mAP \(percent(score))"])
    }
    for subject in subjects {
      let rule = subject.threshold.map { "background score " + String(format: "%.2f", $0) }
      let best = subject.best.map {
        "best constant \(percent($0.meanIoU)) at " + String(format: "%.2f", $0.threshold)
          + ", uses ground truth"
      }
      let note = [rule, best].compactMap { $0 }.joined(separator: "; ")
      lines.append([
        subject.name, subject.list, percent(subject.report.meanIoU), percent(subject.precision),
        percent(subject.coverage), note,
      ])
    }
    return alignedTable(lines, text: [0, 1, 5]) + "\n"
  }

  /// The summary and each stage's table.
  var text: String {
    summary
      + subjects.map { "\n\($0.name) (\($0.list))\n\($0.report.table)" }.joined()
  }

  /// The numbers that the manifest keeps.
  var figures: [String: Double] {
    var figures: [String: Double] = [:]
    for subject in subjects { figures[subject.figure] = subject.report.meanIoU }
    figures["classify mAP"] = classification?.meanAveragePrecision
    return figures
  }

  /// Reads the scores of a run.
  ///
  /// - Throws: `PipelineError` where there are none.
  public init(contentsOf path: String) throws(PipelineError) {
    do {
      self = try JSONDecoder().decode(
        Self.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw PipelineError(.files, "\(path): no scores of a run: \(error)")
    }
  }

  init() {}
}

private func percent(_ share: Double?) -> String {
  share.map { String(format: "%.1f", $0 * 100) } ?? "-"
}
