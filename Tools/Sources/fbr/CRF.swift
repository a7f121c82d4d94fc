import ArgumentParser
import CRFRefine
import Datasets
import Foundation
import Pipeline
import Tensor
import TensorIO

struct CRF: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "crf",
    abstract: "Refine anybody's labels or probabilities with a dense CRF.",
    discussion: """
      Give a picture and its labels or probabilities, or folders of them with equal names; then many \
      pictures are refined at a time, and a second call goes on after an interruption. Labels are PNG \
      masks, 255 where unknown: the CRF fills these. Probabilities are .npy arrays, height x width x \
      labels, divided by their sum where that is not 1; or score maps of classes, our .npz or the \
      .npy dictionaries of IRN and PSA, which get a background.

      EXAMPLES
        fbr crf --image cat.jpg --labels cat.png --out refined.png
        fbr crf --image JPEGImages --probs probabilities --preset deeplab --out refined
        fbr crf --image cat.jpg --probs cat.npy --channels-first --out cat.png --out-probs q.npy
        fbr crf --image JPEGImages --labels masks --gaussian 3,3 --bilateral 60,8,6 --out refined
      """)

  @Option(help: "A picture, or a folder of them.", completion: .file())
  var image: String

  @Option(help: "A mask of labels 0...254 and 255, or a folder of them.", completion: .file())
  var labels: String?

  @Option(
    help: "A file of probabilities or of score maps, or a folder of them.", completion: .file())
  var probs: String?

  @Option(help: "The palette PNG to write, or the folder for them.", completion: .file())
  var out: String

  @Option(
    help: "A .npy file, or a folder for them: the CRF's probabilities, height x width x labels.",
    completion: .file())
  var outProbs: String?

  @OptionGroup(title: "CRF") var crf: CRFOptions

  @Option(
    help: "The probability that a label is right, for labels. (default: the preset's, else 0.7)")
  var confidence: Float?

  @Option(help: "Labels 0...K-1 that the CRF may give, for labels. (default: those in the mask)")
  var labelCount: Int?

  @Option(
    help: """
      The background of score maps is (1 - the largest score) to this power: a low one makes much \
      background.
      """)
  var backgroundExponent: Float = 8

  @Flag(help: "Arrays of probabilities are labels x height x width.")
  var channelsFirst = false

  @OptionGroup(title: "Many pictures") var work: PictureWork

  @Flag(help: "Print JSON instead of a table.")
  var json = false

  func validate() throws {
    guard (labels == nil) != (probs == nil) else {
      throw ValidationError("give either --labels or --probs")
    }
    if let confidence, !(confidence > 0 && confidence < 1) {
      throw ValidationError("--confidence is \(confidence), expected above 0 and below 1")
    }
    if let labelCount, !(1...254).contains(labelCount) {
      throw ValidationError("--label-count is \(labelCount), expected 1...254")
    }
    guard backgroundExponent > 0, backgroundExponent.isFinite else {
      throw ValidationError("--background-exponent is \(backgroundExponent), expected above 0")
    }
    if labels == nil && (confidence != nil || labelCount != nil) {
      throw ValidationError("--confidence and --label-count go with --labels")
    }
  }

  func run() throws {
    try endingOnPipelineErrors {
      let preset = crf.crf(standard: labels == nil ? .psa : .irnSeed)
      let images = try PictureFiles(image, PictureFiles.Kind.pictures)
      let start: CRFJob.Start
      if let labels {
        start = .labels(
          try PictureFiles(labels, PictureFiles.Kind.masks),
          confidence: confidence ?? preset.confidence ?? 0.7, count: labelCount)
      } else {
        start = .scores(
          try PictureFiles(probs ?? "", PictureFiles.Kind.maps),
          channelsFirst: channelsFirst, exponent: backgroundExponent)
      }
      guard images.isFolder == start.files.isFolder else {
        throw PipelineError(
          .data,
          "\(image) and \(start.files.path): one is a file and the other a folder, expected both alike"
        )
      }
      let job = CRFJob(images: images, start: start, crf: preset, givesMarginals: outProbs != nil)
      let isFolder = images.isFolder
      let ids = try start.files.ids(list: work.list)
      func outputs(_ id: String) -> [String] {
        isFolder ? ["\(out)/\(id).png"] + (outProbs.map { ["\($0)/\(id).npy"] } ?? []) : []
      }
      try expectApart(
        outputs: [out] + (outProbs.map { [$0] } ?? []) + ids.flatMap(outputs),
        inputs: [image, start.files.path] + (work.list.map { [$0] } ?? [])
          + ids.flatMap(job.inputs).compactMap { $0 })
      var masks = try ResultFiles(
        out, isFolder: isFolder, settings: ["command": "crf", "settings": job.settings], work: work)
      let missing = try masks.missing(ids, inputs: job.inputs, files: outputs)
      let marginals = try outProbs.map { try ResultFiles($0, isFolder: isFolder) }
      try reporting {
        try work.forEach(
          missing, "crf", load: job.refine,
          finish: { id, refined in
            // The mask last: it says that the picture is done.
            if let marginals, let values = refined.marginals {
              try NPYFile.write(NumericArray(values), to: marginals.file(id, "npy"))
            }
            try refined.labels.writePNG(to: masks.file(id, "png"))
            try masks.note(
              id, Line(id: id, labels: refined.labelCount, changed: refined.changed))
          })
      } report: {
        // A table tells what this call did, JSON what there is.
        try report(masks.reports(json ? ids : missing))
      }
    }
  }

  private func report(_ lines: [Line]) throws {
    if json { return try printJSON(lines) }
    if lines.isEmpty { return }
    let rows = lines.prefix(20).map { [$0.id, "\($0.labels)", percent($0.changed)] }
    print(alignedTable([["picture", "labels", "% changed"]] + rows))
    if lines.count > 20 { print("and \(lines.count - 20) more") }
    if lines.count > 1 {
      let mean = lines.reduce(0) { $0 + $1.changed } / Double(lines.count)
      print("\(lines.count) pictures, \(percent(mean)) % of the pixels changed, written to \(out)")
    }
  }

  private struct Line: Codable {
    let id: String
    let labels: Int
    /// The share of known pixels whose label the CRF changed.
    let changed: Double
  }
}

/// A share as percent with two digits.
func percent(_ share: Double) -> String { String(format: "%.2f", share * 100) }

/// The refinement of a picture by its id.
private struct CRFJob: Sendable {
  enum Start: Sendable {
    case labels(PictureFiles, confidence: Float, count: Int?)
    case scores(PictureFiles, channelsFirst: Bool, exponent: Float)

    var files: PictureFiles {
      switch self {
      case .labels(let files, _, _), .scores(let files, _, _): files
      }
    }
  }

  struct Refined: Sendable {
    let labels: LabelMap
    let marginals: Tensor?
    let labelCount: Int
    let changed: Double
  }

  let images: PictureFiles
  let start: Start
  let crf: CRFPreset
  let givesMarginals: Bool

  /// All that decides the result, as text.
  var settings: String {
    let kernels = crf.kernels.map {
      "\($0.features) \($0.compatibility) \($0.normalization)"
    }
    let start =
      switch start {
      case .labels(_, let confidence, let count):
        "labels, confidence \(confidence), count \(count ?? 0)"
      case .scores(_, let channelsFirst, let exponent):
        "probabilities, channels \(channelsFirst ? "first" : "last"), exponent \(exponent)"
      }
    return "\(start), \(kernels.joined(separator: ", ")), \(crf.iterations) iterations"
  }

  /// The files of an id.
  func inputs(_ id: String) -> [String?] {
    [images.file(ifAny: id), start.files.file(ifAny: id)]
  }

  func refine(_ id: String) throws -> Refined {
    let image = try Image(contentsOf: images.file(id))
    let file = try start.files.file(id)
    do {
      let (unary, names, before) = try beginning(file, image)
      let field = try DenseCRF(
        image: image.pixels, height: image.height, width: image.width, kernels: crf.kernels)
      var marginals: Tensor?
      let indices: LabelMap
      if givesMarginals {
        let found = try field.infer(unary, iterations: crf.iterations)
        indices = LabelMap(found.argmax(2).indices.map { UInt8($0) }, shape: before.shape)
        marginals = found.spread(to: names)
      } else {
        indices = try field.inferLabels(unary, iterations: crf.iterations)
      }
      let labels = LabelMap(indices.labels.map { names[Int($0)] }, shape: indices.shape)
      var (known, changed) = (0, 0)
      for (old, new) in zip(before.labels, labels.labels) where old != LabelMap.ignoreIndex {
        known += 1
        changed += old == new ? 0 : 1
      }
      return Refined(
        labels: labels, marginals: marginals, labelCount: Set(labels.labels).count,
        changed: Double(changed) / Double(max(known, 1)))
    } catch let error as CRFRefineError {
      throw PipelineError(.data, "\(file): \(error)")
    }
  }

  /// The energies, the label of each of their channels, and the labels before.
  private func beginning(
    _ file: String, _ image: Image
  ) throws -> (Unary, names: [UInt8], before: LabelMap) {
    switch start {
    case .labels(_, let confidence, let count):
      let labels = try LabelMap(contentsOf: file)
      try expect(labels.shape[0], labels.shape[1], in: file, image)
      let found = Set(labels.labels).subtracting([LabelMap.ignoreIndex]).sorted()
      if let count, let largest = found.last, Int(largest) >= count {
        throw PipelineError(
          .data, "\(file): holds label \(largest), --label-count says 0...\(count - 1)")
      }
      let names = count.map { (0..<$0).map { UInt8($0) } } ?? found
      guard !names.isEmpty else {
        throw PipelineError(
          .data, "\(file): every pixel is 255, unknown; expected a label somewhere")
      }
      var place = [UInt8](repeating: LabelMap.ignoreIndex, count: 256)
      for (index, name) in names.enumerated() { place[Int(name)] = UInt8(index) }
      let indices = LabelMap(labels.labels.map { place[Int($0)] }, shape: labels.shape)
      return (
        try Unary(labels: indices, labelCount: names.count, confidence: confidence), names, labels
      )
    case .scores(_, let channelsFirst, let exponent):
      if let array = try Self.array(file) {
        let probabilities = try probabilities(array, file, image, channelsFirst: channelsFirst)
        let before = LabelMap(
          probabilities.argmax(2).indices.map { UInt8($0) }, shape: [image.height, image.width])
        return (
          try Unary(probabilities: probabilities),
          (0..<probabilities.shape[2]).map { UInt8($0) }, before
        )
      }
      let maps = try MapFile(contentsOf: file)
      try expect(maps.maps.shape[0], maps.maps.shape[1], in: file, image)
      let names = [0] + maps.classes.map { UInt8($0) }
      let unary = try Unary(scores: maps.maps, backgroundExponent: exponent)
      let plain = try DenseCRF(height: image.height, width: image.width, kernels: [])
      let before = try plain.inferLabels(unary, iterations: 0)
      return (
        unary, names, LabelMap(before.labels.map { names[Int($0)] }, shape: before.shape)
      )
    }
  }

  /// The array of numbers of a `.npy` file; `nil` where the file holds maps of classes.
  private static func array(_ file: String) throws -> NumericArray? {
    guard file.hasSuffix(".npy"), try !NPYFile.holdsObject(file) else { return nil }
    return try NPYFile.read(file)
  }

  private func probabilities(
    _ array: NumericArray, _ file: String, _ image: Image, channelsFirst: Bool
  ) throws -> Tensor {
    let (height, width) = (image.height, image.width)
    let shape = array.shape
    let isRight =
      shape.count == 3 && shape.allSatisfy { $0 > 0 }
      && (channelsFirst ? [shape[1], shape[2]] : [shape[0], shape[1]]) == [height, width]
      && shape[channelsFirst ? 0 : 2] <= 255
    guard isRight else {
      let isOther = shape.count == 3 && !channelsFirst && [shape[1], shape[2]] == [height, width]
      throw PipelineError(
        .data,
        "\(file): shape \(shape), expected "
          + (channelsFirst ? "[K, \(height), \(width)]" : "[\(height), \(width), K]")
          + " of up to 255 labels"
          + (isOther ? "; labels come first: add --channels-first" : ""))
    }
    let values = channelsFirst ? array.tensor.transposed([1, 2, 0]) : array.tensor
    // Rounding may leave a softmax a little above 1; NaN is the unary's to tell.
    if let wrong = values.scalars.firstIndex(where: { $0 < 0 || $0 > 1.001 }) {
      let (pixel, label) = wrong.quotientAndRemainder(dividingBy: values.shape[2])
      throw PipelineError(
        .data,
        "\(file): \(values.scalars[wrong]) for label \(label) at [\(pixel / width), "
          + "\(pixel % width)], expected probabilities in 0...1; of logits, take the softmax first")
    }
    return try Self.normalized(values, file)
  }

  /// Probabilities that sum to 1, as those of sigmoids do not.
  private static func normalized(_ values: Tensor, _ file: String) throws -> Tensor {
    let sums = values.sum([2], keepingAxes: true)
    if let wrong = sums.scalars.firstIndex(of: 0) {
      let (y, x) = wrong.quotientAndRemainder(dividingBy: values.shape[1])
      throw PipelineError(
        .data, "\(file): all probabilities at [\(y), \(x)] are 0, expected a sum of 1")
    }
    // Those of half precision are left as they are.
    return sums.scalars.contains { abs($0 - 1) > 0.01 } ? values / sums : values
  }

  private func expect(_ height: Int, _ width: Int, in file: String, _ image: Image) throws {
    guard height == image.height, width == image.width else {
      throw PipelineError(
        .data,
        "\(file): \(width) x \(height) pixels, the picture has \(image.width) x \(image.height)")
    }
  }
}

extension Tensor {
  /// Channels of labels as the channels 0... of all labels up to the highest, 0 in between.
  fileprivate func spread(to names: [UInt8]) -> Tensor {
    let count = Int(names.last ?? 0) + 1
    guard count > names.count else { return self }
    var all = Tensor.zeros([shape[0], shape[1], count])
    let (pixels, width) = (shape[0] * shape[1], names.count)
    all.withMutableScalars { all in
      withScalars { scalars in
        for pixel in 0..<pixels {
          for index in 0..<width {
            all[pixel * count + Int(names[index])] = scalars[pixel * width + index]
          }
        }
      }
    }
    return all
  }
}
