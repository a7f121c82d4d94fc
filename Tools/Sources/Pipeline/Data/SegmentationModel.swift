internal import Autograd
internal import Backbone
public import Datasets
internal import Foundation
public import Tensor
internal import TensorIO

/// A trained segmentation network that can be used alone: its file says what it is.
public final class SegmentationModel {
  /// The classes, without the background.
  public let classes: ClassTable
  /// The model's file.
  public let path: String
  /// Whether it learned ground-truth masks.
  public let isFullySupervised: Bool
  private let network: SegmentationNetwork
  /// How the network wants its pixels.
  public let normalization: Normalization

  /// Reads a model that the stage `segment` wrote.
  ///
  /// - Parameter path: Its file, or the folder of its run.
  /// - Throws: `PipelineError` or the reader's error, naming the file and what is wrong with it.
  public init(contentsOf path: String) throws {
    let inRun = "\(path)/\(StageName.segment.rawValue)/\(Model.file)"
    let isRun = FileManager.default.fileExists(atPath: inRun)
    var isFolder: ObjCBool = false
    guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw PipelineError(.files, "\(path): no such model, nor the folder of a run")
    }
    guard isRun || !isFolder.boolValue else {
      throw PipelineError(
        .data,
        "\(path): a folder without \(StageName.segment.rawValue)/\(Model.file); expected a "
          + "run whose stage segment is done, or a model's file")
    }
    let path = isRun ? inRun : path
    self.path = path
    let file = try WeightFile(reading: path)
    guard path.lowercased().hasSuffix(".safetensors") else {
      throw PipelineError(
        .data,
        "\(path): holds weights alone; a model of fbr is a .safetensors file that names its network "
          + "and classes too")
    }
    let metadata = try SafetensorsFile(reading: path).metadata
    func field(_ name: String) throws -> String {
      guard let text = metadata[name] else {
        throw PipelineError(
          .data, "\(path): names no \(name), so it is no segmentation model of fbr")
      }
      return text
    }
    guard let head = SegmentationHeadName(rawValue: try field("head")),
      let stride = Int(try field("outputStride"))
    else {
      throw PipelineError(.data, "\(path): has the head '\(metadata["head"] ?? "")', unknown")
    }
    let name = try NetworkName(named: try field("network"))
    classes = try ClassTable(try field("classes").split(separator: "\n").map(String.init))
    isFullySupervised = metadata["supervision"] == "masks"
    var generator = PhiloxGenerator(seed: 0)
    let random = RandomSource(generator)
    let backbone = try name.makeNetwork(outputStride: stride, random: random, using: &generator)
    network = SegmentationNetwork(
      backbone: backbone,
      head: head.makeHead(
        for: backbone, classCount: classes.count + 1, random: random, using: &generator))
    try network.loadWeights(file)
    network.eval()
    let preset = name.inputPreset
    normalization = Normalization(mean: preset.mean, standardDeviation: preset.standardDeviation)
  }

  /// What the model's file holds, as a hash.
  public var content: String { get throws { try fileContent(path) } }

  static func metadata(
    network: NetworkSettings, head: String, classes: ClassTable,
    isFullySupervised: Bool
  ) -> [String: String] {
    [
      "stage": StageName.segment.rawValue, "network": network.name,
      "outputStride": "\(network.outputStride)", "head": head,
      "classes": classes.names.joined(separator: "\n"),
      "supervision": isFullySupervised ? "masks" : "pseudo masks",
    ]
  }

  /// The probability of each class at each pixel.
  ///
  /// - Parameters:
  ///   - image: A picture of any size.
  ///   - settings: Scales, mirror images, window.
  /// - Returns: `[H, W, C + 1]`, background first.
  public func probabilities(_ image: Image, _ settings: PredictSettings) -> Tensor {
    probabilities(PreparedPicture(image, settings, normalization))
  }

  /// The probability of each class at each pixel of a picture made ready: `[H, W, C + 1]`.
  public func probabilities(_ picture: PreparedPicture) -> Tensor {
    picture.mean(CellGrid(stride: network.outputStride), channels: classes.count + 1) {
      network($0)
    }.softmax()
  }
}
