public import ArgumentParser
public import CRFRefine
import Datasets
import Foundation
import Pipeline
import Tensor
import TensorIO

struct Propagate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "propagate",
    abstract: "Make pseudo masks of anybody's score maps: random walk, threshold, CRF.",
    discussion: """
      Maps are our .npz or the .npy dictionaries of IRN and PSA. They walk over affinities from edge \
      maps (0 inside objects, 1 on their edges: .npy, or grey PNG), as IRN has it, or from features \
      (.npy, height x width x channels), as PSA has it; without either they are only cut. Folders \
      hold a file a picture with equal names; a second call goes on after an interruption.

      Writes ID.png, a palette mask, and ID.json: threshold, and for each class its pixels, share and \
      mean confidence. Prints what the whole folder holds, and warns of what looks wrong.

      EXAMPLES
        fbr propagate --maps cam --edges boundary --image JPEGImages --out pseudo
        fbr propagate --maps cam --features affinity --beta 8 --image JPEGImages --out pseudo
        fbr propagate --maps irn/cam --edges edge --image JPEGImages --threshold 0.25 \\
          --crf irn-seed --classes voc --out pseudo --json > summary.json
      """)

  @Option(help: "A file of score maps, or a folder of them.", completion: .file())
  var maps: String

  @Option(help: "An edge map, or a folder of them.", completion: .file())
  var edges: String?

  @Option(help: "A file of features, or a folder of them.", completion: .file())
  var features: String?

  @Option(
    help:
      "The picture, or their folder: gives the mask's size, and colours to a CRF. (default: the maps' size)",
    completion: .file())
  var image: String?

  @Option(help: "The palette PNG to write, or the folder for them.", completion: .file())
  var out: String

  @Option(
    help: "The largest distance of a step in pixels of the edges or features, 2...64. (default: 5)")
  var radius: Int?

  @Option(help: "The power of the affinities. (default: 10 for edges, 8 for features)")
  var beta: Float?

  @Option(help: "The walk has 2 to this power steps, 0...12. (default: 8)")
  var logSteps: Int?

  @Option(help: "The power of the maps before they walk; 1.3 in the AMN route. (default: 1)")
  var mapPower: Float?

  @Option(
    help: """
      What parts foreground from background: automatic (from the scores of each picture), otsu (the \
      same for maps that are not walked), or a share of the picture's largest score, 0...1.
      """)
  var threshold = ForegroundThreshold.automatic

  @Option(help: "Pixels decided by less than this share of their score become 255, 0..<1.")
  var unknownMargin: Float = 0

  @Option(
    help: "A CRF at the end: \(CRFPreset.all.map(\.name).joined(separator: ", ")). (default: none)")
  var crf: CRFPreset?

  @Option(help: "Names of the classes, for the summary: voc, coco or a file, a name a line.")
  var classes: String?

  @OptionGroup(title: "Many pictures") var work: PictureWork

  @Flag(help: "Print JSON instead of a table.")
  var json = false

  // Options without a value stay apart from their defaults: only a walk may be given them.
  private var walkRadius: Int { radius ?? 5 }
  private var walkBeta: Float { beta ?? (features == nil ? 10 : 8) }
  private var walkLogSteps: Int { logSteps ?? 8 }
  private var walkMapPower: Float { mapPower ?? 1 }

  func validate() throws {
    if edges != nil && features != nil {
      throw ValidationError("--edges and --features exclude each other")
    }
    if crf != nil && image == nil { throw ValidationError("--crf looks at colours: give --image") }
    if edges == nil && features == nil {
      for (name, isGiven) in [
        ("radius", radius != nil), ("beta", beta != nil), ("log-steps", logSteps != nil),
        ("map-power", mapPower != nil),
      ] where isGiven {
        throw ValidationError("--\(name) is the walk's: give --edges or --features too")
      }
    }
    let limits: [(name: String, isKept: Bool, expected: String)] = [
      ("radius", (2...64).contains(walkRadius), "2...64"),
      ("beta", walkBeta >= 0 && walkBeta.isFinite, "0 or more"),
      ("log-steps", (0...12).contains(walkLogSteps), "0...12"),
      ("map-power", walkMapPower > 0 && walkMapPower.isFinite, "above 0"),
      ("unknown-margin", unknownMargin >= 0 && unknownMargin < 1, "0 up to 1"),
    ]
    for limit in limits where !limit.isKept {
      throw ValidationError("--\(limit.name) is out of range, expected \(limit.expected)")
    }
  }

  func run() throws {
    try endingOnPipelineErrors {
      let table = try classes.map { try ClassTable(named: $0) }
      let job = PropagateJob(
        maps: try PictureFiles(maps, PictureFiles.Kind.maps),
        edges: try edges.map { try PictureFiles($0, PictureFiles.Kind.edges) },
        features: try features.map { try PictureFiles($0, PictureFiles.Kind.arrays) },
        images: try image.map { try PictureFiles($0, PictureFiles.Kind.pictures) },
        radius: walkRadius,
        walk: RandomWalk(beta: walkBeta, steps: 1 << walkLogSteps, mapPower: walkMapPower),
        masks: PseudoMasks(threshold: threshold, crf: crf, unknownMargin: unknownMargin),
        classCount: table?.count)
      for files in [job.edges, job.features, job.images].compactMap({ $0 })
      where files.isFolder != job.maps.isFolder {
        throw PipelineError(
          .data,
          "\(maps) and \(files.path): one is a file and the other a folder, expected both alike")
      }
      let ids = try job.maps.ids(list: work.list)
      func outputs(_ id: String) -> [String] {
        job.maps.isFolder ? ["\(out)/\(id).png", "\(out)/\(id).json"] : []
      }
      try expectApart(
        outputs: [out] + ids.flatMap(outputs),
        inputs: [maps, edges, features, image, work.list].compactMap { $0 }
          + ids.flatMap(job.inputs).compactMap { $0 })
      var results = try ResultFiles(
        out, isFolder: job.maps.isFolder,
        settings: ["command": "propagate", "settings": job.settings], work: work)
      let missing = try results.missing(ids, inputs: job.inputs, files: outputs)
      try reporting {
        try work.forEach(
          missing, "propagate", load: job.mask,
          finish: { id, mask in
            let report = MaskReport(id: id, mask)
            // The mask last: it says that the picture is done.
            if results.isFolder { try report.write(to: results.file(id, "json")) }
            try mask.labels.writePNG(to: results.file(id, "png"))
            try results.note(id, report)
            if !results.isFolder { try print(report, table) }
          })
      } report: {
        if results.isFolder { try summarize(results.reports(ids), results, table) }
      }
    }
  }

  private func print(_ report: MaskReport, _ table: ClassTable?) throws {
    if json { return try printJSON(report) }
    let rows = report.classes.map {
      [
        table?.names[$0.label - 1] ?? "\($0.label)", "\($0.pixels)", percent($0.share),
        String(format: "%.3f", $0.confidence),
      ]
    }
    Swift.print(alignedTable([["class", "pixels", "%", "confidence"]] + rows))
    Swift.print(
      "threshold \(report.threshold), \(percent(report.unknownShare)) % unknown, written to \(out)")
  }

  /// What all masks of the folder hold, made now or before.
  private func summarize(
    _ reports: [MaskReport], _ results: ResultFiles, _ table: ClassTable?
  ) throws {
    let largest = reports.flatMap { $0.classes.map(\.label) }.max() ?? 0
    var survey = MaskSurvey(classCount: table?.count ?? largest)
    var failures: [Int32] = []
    for report in reports {
      do {
        try survey.add(
          LabelMap(contentsOf: results.file(report.id, "png")), id: report.id,
          classes: report.classes.map(\.label))
      } catch {
        // A mask that was there already, damaged since.
        printError("\(error)")
        failures.append(failureCode(of: error))
      }
    }
    let names = ["background"] + (table?.names ?? (0..<largest).map { "\($0 + 1)" })
    if json {
      try printJSON(
        FolderSummary(survey, names: names, reports: reports, warnings: survey.warnings))
    } else {
      print(survey, names)
    }
    if let code = failures.first { throw ExitCode(code) }
  }

  private func print(_ survey: MaskSurvey, _ names: [String]) {
    let total = Double(survey.pixels.reduce(survey.unknownPixels, +))
    let rows = survey.pixels.indices.filter {
      survey.pixels[$0] > 0 || survey.labeledImages[$0] > 0
    }
    .map { label in
      [
        names[label], "\(survey.images[label])",
        label == 0 ? "" : "\(survey.labeledImages[label])",
        percent(Double(survey.pixels[label]) / max(total, 1)),
      ]
    }
    Swift.print(alignedTable([["class", "masks", "pictures", "% of pixels"]] + rows))
    Swift.print("\(survey.imageCount) masks, \(percent(survey.unknownShare)) % unknown, in \(out)")
    for warning in survey.warnings { printProgress("warning: \(warning)") }
  }
}

extension ForegroundThreshold: @retroactive ExpressibleByArgument {
  /// `automatic`, `otsu` or a share.
  public init?(argument: String) {
    if argument == "automatic" {
      self = .automatic
    } else if argument == "otsu" {
      self = .otsu
    } else if let share = Float(argument), (0...1).contains(share) {
      self = .constant(share)
    } else {
      return nil
    }
  }

  /// As it is written.
  public var defaultValueDescription: String {
    switch self {
    case .automatic: "automatic"
    case .otsu: "otsu"
    case .constant(let share): "\(share)"
    }
  }
}

/// What a mask holds: `<id>.json`.
private struct MaskReport: Codable {
  struct Share: Codable {
    let label: Int
    let pixels: Int
    /// Of the picture's pixels.
    let share: Double
    /// The mean score of its pixels, the picture's largest being 1.
    let confidence: Float
  }

  let id: String
  let threshold: Float
  let classes: [Share]
  let unknownShare: Double

  init(id: String, _ mask: PseudoMask) {
    (self.id, threshold, unknownShare) = (id, mask.threshold, mask.unknownShare)
    classes = mask.classes.map {
      Share(
        label: $0.label, pixels: $0.pixelCount, share: $0.share, confidence: $0.confidence)
    }
  }

  func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try AtomicFile.write(path, [Bytes(Array(encoder.encode(self)))])
  }
}

private struct FolderSummary: Encodable {
  struct Class: Encodable {
    let name: String
    let label, pixels, masks, pictures: Int
  }

  let masks: Int
  let unknownShare: Double
  let classes: [Class]
  let allBackground: [String]
  let warnings: [String]
  let pictures: [MaskReport]

  init(_ survey: MaskSurvey, names: [String], reports: [MaskReport], warnings: [String]) {
    (masks, unknownShare) = (survey.imageCount, survey.unknownShare)
    (allBackground, self.warnings, pictures) = (survey.allBackground, warnings, reports)
    classes = names.indices.map {
      Class(
        name: names[$0], label: $0, pixels: survey.pixels[$0], masks: survey.images[$0],
        pictures: survey.labeledImages[$0])
    }
  }
}

/// The pseudo mask of a picture by its id.
private struct PropagateJob: Sendable {
  let maps: PictureFiles
  let edges, features, images: PictureFiles?
  let radius: Int
  let walk: RandomWalk
  let masks: PseudoMasks
  let classCount: Int?

  /// All that decides the result, as text.
  var settings: String {
    let walked =
      edges == nil && features == nil
      ? "no walk"
      : "\(edges == nil ? "features" : "edges"), radius \(radius), beta \(walk.beta), "
        + "\(walk.steps) steps, map power \(walk.mapPower)"
    return "\(walked), threshold \(masks.threshold.defaultValueDescription), margin "
      + "\(masks.unknownMargin), crf \(masks.crf?.name ?? "none"), \(images == nil ? "maps'" : "pictures'")"
      + " size"
  }

  /// The files of an id.
  func inputs(_ id: String) -> [String?] {
    [maps, edges, features, images].map { $0?.file(ifAny: id) }
  }

  func mask(_ id: String) throws -> PseudoMask {
    let path = try maps.file(id)
    let file = try MapFile(contentsOf: path)
    if let classCount, let wrong = file.classes.first(where: { $0 > classCount }) {
      throw PipelineError(.data, "\(path): holds class \(wrong), --classes names \(classCount)")
    }
    let image = try images.map { try Image(contentsOf: $0.file(id)) }
    var source = path
    do {
      var scores = file.maps
      if let edges {
        source = try edges.file(id)
        let boundary = try Self.boundary(source)
        let graph = try AffinityGraph(boundary: boundary, radius: radius)
        source = path
        scores = try walk.walk(
          scores.mapsAtCells(height: graph.height, width: graph.width), damping: boundary,
          over: graph
        ).maps
      } else if let features {
        source = try features.file(id)
        let array = try NPYFile.read(source)
        let graph = try AffinityGraph(
          features: array.shape.count == 3 ? array.tensor : Tensor.zeros(Shape(array.shape)),
          radius: radius)
        source = path
        scores = try walk.walk(
          scores.mapsAtCells(height: graph.height, width: graph.width), over: graph
        ).maps
      }
      return try masks.mask(
        maps: scores, classes: file.classes, height: image?.height ?? file.maps.shape[0],
        width: image?.width ?? file.maps.shape[1], image: image?.pixels ?? [])
    } catch let error as CRFRefineError {
      throw PipelineError(.data, "\(source): \(error)")
    }
  }

  /// An edge map, `[h, w]` of 0...1.
  private static func boundary(_ path: String) throws -> Tensor {
    guard path.hasSuffix(".npy") else { return try GrayImage(contentsOf: path).tensor }
    let array = try NPYFile.read(path)
    guard array.shape.count == 2, array.count > 0 else {
      throw PipelineError(.data, "\(path): shape \(array.shape), expected [height, width]")
    }
    return array.tensor
  }
}
