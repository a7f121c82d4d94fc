import ArgumentParser
import Datasets
import Foundation
import Pipeline
import Tensor
import TensorIO

struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Segment pictures with a trained model.",
    discussion: """
      Writes ID.png, a palette mask of the picture's size, for each picture ID.jpg or ID.png; pictures \
      whose mask is there, made by this model of the same file, are passed over, so that a second \
      call goes on after an interruption. A picture that cannot be read is told and left out, and the \
      program ends with 65.

      The model of a run is used as the run's recipe says (scales, mirror images, CRF); a file of a \
      model as the method does.

      EXAMPLES
        fbr predict --model runs/pets cat.jpg dog.jpg --out masks
        fbr predict --model runs/voc holidays --out masks --overlay
        fbr predict --model model.safetensors pictures --out masks --scales 1 --no-flip --no-crf
      """)

  @Option(
    help: "The folder of a run, or a model.safetensors of its stage segment.", completion: .file())
  var model: String

  @Argument(help: "Pictures, JPEG or PNG, or folders of them.", completion: .file())
  var images: [String]

  @Option(help: "The folder for the masks.", completion: .directory)
  var out: String

  @Flag(help: "Write pictures with their masks over them too, into the folder 'overlay' of --out.")
  var overlay = false

  @Flag(help: "Write probabilities too, ID.npz of 'probabilities' (half, height x width x labels).")
  var probs = false

  @Option(
    help: ArgumentHelp("Scales whose scores are averaged.", valueName: "scale,scale,..."))
  var scales: NumberList?

  @Flag(inversion: .prefixedNo, help: "Whether each scale is also seen mirrored.")
  var flip: Bool?

  @Flag(inversion: .prefixedNo, help: "Whether a dense CRF refines the masks.")
  var crf: Bool?

  @Option(help: "The side in pixels from which a picture is cut into overlapping windows.")
  var window: Int?

  @OptionGroup(title: "Many pictures") var work: PictureWork

  @Flag(help: "Print JSON instead of a table.")
  var json = false

  func validate() throws {
    guard !images.isEmpty else { throw ValidationError("name a picture or a folder of pictures") }
    if let scales, !scales.numbers.allSatisfy({ $0 > 0 && $0 <= 8 }) {
      throw ValidationError("--scales must be above 0 and up to 8")
    }
    if let window, window < 32 { throw ValidationError("--window must be 32 or more") }
  }

  func run() throws {
    try endingOnPipelineErrors {
      if let threads = work.threads { Threads.count = threads }
      let pictures = try findPictures()
      let ids = try chosen(pictures)
      try expectApart(
        outputs: [out] + (overlay ? ["\(out)/overlay"] : []) + ids.flatMap(outputs),
        inputs: images + [model] + pictures.values)
      let network = try SegmentationModel(contentsOf: model)
      let settings = try settings()
      let normalization = network.normalization
      var results = try ResultFiles(
        out, isFolder: true,
        settings: [
          "command": "predict", "hash of the model": try network.content,
          "scales": "\(settings.views.scales)",
          "long side": "\(settings.views.longSide)", "flip": "\(settings.views.flip)",
          "window": "\(settings.window)", "crf": "\(settings.crf)",
        ], work: work)
      let missing = try results.missing(ids, inputs: { [pictures[$0]] }, files: outputs)
      if overlay { _ = try results.folder("overlay") }
      let names = ["background"] + network.classes.names
      try reporting {
        try work.forEach(
          missing, "predict",
          load: { id in
            PreparedPicture(
              try Image(contentsOf: pictures[id] ?? id), settings, normalization)
          },
          finish: { id, picture in
            let found = try network.prediction(picture, settings)
            try write(found, picture, id)
            try results.note(id, Line(id, found.labels, names))
          })
      } report: {
        // A table tells what this call did, JSON what there is.
        try report(results.reports(json ? ids : missing), pictures)
      }
    }
  }

  /// The files of an id, the mask first.
  private func outputs(_ id: String) -> [String] {
    ["\(out)/\(id).png"] + (probs ? ["\(out)/\(id).npz"] : [])
      + (overlay ? ["\(out)/overlay/\(id).jpg"] : [])
  }

  private func write(
    _ found: (labels: LabelMap, probabilities: Tensor), _ picture: PreparedPicture, _ id: String
  ) throws {
    if probs {
      try NPZFile.write(
        ["probabilities": NumericArray(found.probabilities, as: .float16)],
        to: "\(out)/\(id).npz", compressing: true)
    }
    if overlay {
      try picture.image.overlaid(with: found.labels).writeJPEG(to: "\(out)/overlay/\(id).jpg")
    }
    // The mask last: it says that the picture is done.
    try found.labels.writePNG(to: "\(out)/\(id).png")
  }

  /// Paths by id.
  private func findPictures() throws -> [String: String] {
    var pictures: [String: String] = [:]
    for path in images {
      let files = try PictureFiles(path, PictureFiles.Kind.pictures)
      for id in try files.ids(list: nil) {
        let file = try files.file(id)
        if let other = pictures.updateValue(file, forKey: id), other != file {
          throw PipelineError(.data, "\(file) and \(other) would both become \(out)/\(id).png")
        }
      }
    }
    return pictures
  }

  private func chosen(_ pictures: [String: String]) throws -> [String] {
    guard let list = work.list else {
      return pictures.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
    let ids = try PictureFiles(images[0], PictureFiles.Kind.pictures).ids(list: list)
    if let missing = ids.first(where: { pictures[$0] == nil }) {
      throw PipelineError(.data, "\(list): '\(missing)' is none of the pictures")
    }
    return ids
  }

  private func settings() throws -> PredictSettings {
    let recipe = "\(model)/run.yaml"
    var settings =
      FileManager.default.fileExists(atPath: recipe)
      ? try Recipe(contentsOf: recipe).predict : PredictSettings()
    if let scales { settings.views.scales = scales.numbers.map { Double($0) } }
    if let flip { settings.views.flip = flip }
    if let crf { settings.crf = crf }
    if let window { settings.window = window }
    return settings
  }

  private func report(_ lines: [Line], _ pictures: [String: String]) throws {
    let lines = lines.map { line in
      var line = line
      (line.image, line.mask) = (pictures[line.id], "\(out)/\(line.id).png")
      return line
    }
    if json { return try printJSON(lines) }
    for line in lines {
      let shares = line.classes.sorted { $0.value > $1.value }
        .map { "\($0.key) \(percent($0.value)) %" }
      print("\(line.mask ?? line.id): \(shares.joined(separator: ", "))")
    }
  }

  private struct Line: Codable {
    let id: String
    /// Paths as this call names them.
    var image, mask: String?
    /// The share of the pixels of each class that is there.
    let classes: [String: Double]

    init(_ id: String, _ labels: LabelMap, _ names: [String]) {
      self.id = id
      var counts = [Int](repeating: 0, count: 256)
      for label in labels.labels { counts[Int(label)] += 1 }
      classes = names.indices.filter { counts[$0] > 0 }.reduce(into: [:]) {
        $0[names[$1]] = Double(counts[$1]) / Double(labels.count)
      }
    }
  }
}
