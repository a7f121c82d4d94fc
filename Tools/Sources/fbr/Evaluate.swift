public import ArgumentParser
import Datasets
import Foundation
public import Metrics
import Pipeline
import Tensor

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Score masks, or score maps at many thresholds, against ground truth.",
    discussion: """
      Prints the scores of each class, mIoU and its relatives in percent. Labels 0 (background) to C \
      are scored; pixels of the ground truth's ignored label count nowhere. Pixels predicted as 255 \
      miss their class and hit no other, unless --unknown background counts them as label 0.

      With --maps, score maps (our .npz, .npy dictionaries of IRN and PSA) are cut at many background \
      scores. The best of them is chosen by ground truth: it is no result on unseen data.

      EXAMPLES
        fbr evaluate --pred pseudo --gt VOC2012/SegmentationClass
        fbr evaluate --pred pred --gt SegmentationClass --list val.txt --boundary --json
        fbr evaluate --pred mine --gt masks --classes classes.txt
        fbr evaluate --maps cam --gt SegmentationClass --list train.txt
      """)

  @Option(help: "The folder of predicted masks, PNG files.", completion: .directory)
  var pred: String?

  @Option(help: "The folder of score maps.", completion: .directory)
  var maps: String?

  @Option(help: "The folder of true masks, PNG files.", completion: .directory)
  var gt: String

  @Option(
    help: "A file of ids, one a line, all of which must be there. (default: all predictions)",
    completion: .file())
  var list: String?

  @Option(help: "voc, coco or a file, a name a line.", completion: .file())
  var classes = "voc"

  @Option(help: "The label of true pixels that count nowhere.")
  var ignore: UInt8 = LabelMap.ignoreIndex

  @Option(help: "What pixels predicted as 255 are: error or background.")
  var unknown = ConfusionMatrix.UnknownPredictions.error

  @Flag(help: "Measure the boundary IoU too.")
  var boundary = false

  @Option(
    help: ArgumentHelp(
      "With --maps: background scores to try.",
      discussion: "By default 0 to 0.95 in steps of 0.05.",
      valueName: "score,score,..."))
  var thresholds: NumberList?

  @Flag(help: "Print JSON instead of a table.")
  var json = false

  func validate() throws {
    guard (pred == nil) != (maps == nil) else {
      throw ValidationError("give either --pred or --maps")
    }
    if thresholds != nil && maps == nil { throw ValidationError("--thresholds goes with --maps") }
    if maps != nil && (boundary || ignore != LabelMap.ignoreIndex || unknown != .error) {
      throw ValidationError("--boundary, --ignore and --unknown go with --pred")
    }
  }

  func run() throws {
    try endingOnPipelineErrors {
      let table = try ClassTable(named: classes)
      let names = ["background"] + table.names
      let truth = try PictureFiles(gt, PictureFiles.Kind.masks)
      let scored = try PictureFiles(
        pred ?? maps ?? "", pred == nil ? PictureFiles.Kind.maps : PictureFiles.Kind.masks)
      guard scored.isFolder == truth.isFolder else {
        throw PipelineError(
          .data,
          "\(scored.path) and \(gt): one is a file and the other a folder, expected both alike")
      }
      let ids = try scored.ids(list: list)
      var notes: [String] = []
      if list == nil, scored.isFolder, truth.isFolder {
        let others = Set(truth.ids).subtracting(ids).count
        if others > 0 {
          notes = ["true masks without a prediction, not counted: \(others); --list demands them"]
        }
      }
      if pred != nil {
        try scoreMasks(ids, scored, truth, names, notes)
      } else {
        try scoreMaps(ids, scored, truth, names, notes)
      }
    }
  }

  private func scoreMasks(
    _ ids: [String], _ predictions: PictureFiles, _ truth: PictureFiles, _ names: [String],
    _ notes: [String]
  ) throws {
    let (ignore, unknown, wantsBoundary) = (ignore, unknown, boundary)
    let count = names.count
    var matrix = ConfusionMatrix(
      classes: count, ignoreIndex: ignore, unknownPredictions: unknown)
    var edges = wantsBoundary ? BoundaryIoU(classes: count) : nil
    var pictures: [PictureScore] = []
    try PictureWork(quiet: true).forEach(
      ids, "evaluate",
      load: { id -> (ConfusionMatrix, BoundaryIoU?) in
        let (file, trueFile) = (try predictions.file(id), try truth.file(id))
        let prediction = try LabelMap(contentsOf: file)
        let target = try LabelMap(contentsOf: trueFile)
        try expectEqualSizes(prediction.shape, file, target.shape, trueFile)
        do {
          var matrix = ConfusionMatrix(
            classes: count, ignoreIndex: ignore, unknownPredictions: unknown)
          try matrix.add(prediction, target: target)
          var edges: BoundaryIoU?
          if wantsBoundary {
            edges = BoundaryIoU(classes: count)
            try edges?.add(prediction, target: target.replacing(ignore))
          }
          return (matrix, edges)
        } catch let error as MetricsError {
          throw PipelineError(.data, "\(error.isInTruth ? trueFile : file): \(error)")
        }
      },
      finish: { id, one in
        try matrix.merge(one.0)
        if let added = one.1 { try edges?.merge(added) }
        pictures.append(PictureScore(id: id, meanIoU: one.0.meanIoU))
      })
    let report = try SegmentationReport(matrix, names: names, boundary: edges, notes: notes)
    if json {
      try printJSON(MaskScores(report: report, confusion: matrix, pictures: pictures))
    } else {
      print(report.table, terminator: "")
    }
  }

  private func scoreMaps(
    _ ids: [String], _ maps: PictureFiles, _ truth: PictureFiles, _ names: [String],
    _ notes: [String]
  ) throws {
    let values = thresholds?.numbers ?? (0..<20).map { Float($0) / 20 }
    var sweep = ThresholdSweep(classes: names.count, thresholds: values)
    try PictureWork(quiet: true).forEach(
      ids, "evaluate",
      load: { id -> ThresholdSweep in
        let (file, trueFile) = (try maps.file(id), try truth.file(id))
        let scores = try MapFile(contentsOf: file)
        let target = try LabelMap(contentsOf: trueFile)
        let resized = scores.maps.mapsResized(height: target.shape[0], width: target.shape[1])
        do {
          var one = ThresholdSweep(classes: names.count, thresholds: values)
          try one.add(scores: resized, labels: scores.classes, target: target)
          return one
        } catch let error as MetricsError {
          throw PipelineError(.data, "\(error.isInTruth ? trueFile : file): \(error)")
        }
      },
      finish: { try sweep.merge($1) })
    let matrices = sweep.matrices
    let note = "the best background score \(ThresholdSweep.note): no result on unseen data"
    let best = sweep.best.flatMap { best in
      sweep.thresholds.firstIndex(of: best.threshold).map { matrices[$0] }
    }
    let report = try SegmentationReport(
      best ?? matrices[0], names: names, notes: notes + [note])
    let points = zip(sweep.thresholds, matrices).map {
      MapScores.Point(threshold: $0, meanIoU: $1.meanIoU)
    }
    if json {
      try printJSON(
        MapScores(sweep: points, best: sweep.best?.threshold, note: note, report: report))
      return
    }
    print(
      alignedTable(
        [["background score", "mIoU"]]
          + points.map { [number($0.threshold), $0.meanIoU.map(percent) ?? "-"] }))
    print("\nbest, \(ThresholdSweep.note): \(number(sweep.best?.threshold ?? 0))\n")
    print(report.table, terminator: "")
  }

  private func number(_ value: Float) -> String { String(format: "%.3g", value) }

  private struct PictureScore: Encodable {
    let id: String
    let meanIoU: Double?
  }

  private struct MaskScores: Encodable {
    let report: SegmentationReport
    let confusion: ConfusionMatrix
    let pictures: [PictureScore]
  }

  private struct MapScores: Encodable {
    struct Point: Encodable {
      let threshold: Float
      let meanIoU: Double?
    }

    let sweep: [Point]
    /// The threshold that ground truth chose.
    let best: Float?
    let note: String
    /// The scores at that threshold.
    let report: SegmentationReport
  }
}

/// Numbers with commas between them.
struct NumberList: ExpressibleByArgument {
  let numbers: [Float]

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    numbers = parts.compactMap { Float($0) }.filter(\.isFinite)
    guard numbers.count == parts.count else { return nil }
  }
}

extension ConfusionMatrix.UnknownPredictions: @retroactive ExpressibleByArgument {}

private func expectEqualSizes(
  _ shape: Shape, _ file: String, _ trueShape: Shape, _ trueFile: String
) throws {
  guard shape == trueShape else {
    throw PipelineError(
      .data,
      "\(file): \(shape[1]) x \(shape[0]) pixels, \(trueFile) has \(trueShape[1]) x \(trueShape[0])"
    )
  }
}

extension LabelMap {
  /// The map with another label to ignore as 255.
  fileprivate func replacing(_ ignored: UInt8) -> LabelMap {
    ignored == LabelMap.ignoreIndex
      ? self : LabelMap(labels.map { $0 == ignored ? LabelMap.ignoreIndex : $0 }, shape: shape)
  }
}
