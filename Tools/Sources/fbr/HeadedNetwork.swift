import ArgumentParser
import Autograd
import Backbone
import Tensor

/// Which network is meant, beside its name.
struct NetworkOptions: ParsableArguments {
  @Option(help: "Image pixels a pixel of the last stage. (default: 16, or what the network has)")
  var outputStride: Int?

  @Option(
    help: """
      What stands on the network: \(HeadedNetwork.heads.joined(separator: ", ")).
      """)
  var head = "features"
}

/// A network with a head, as a name and options give it.
struct HeadedNetwork {
  /// The names of what can stand on a network.
  static let heads =
    ["features", "classifier", "cam"] + SegmentationHeadName.allCases.map(\.rawValue)

  let name: NetworkName
  let outputStride: Int
  let module: any Module
  /// Names of what `outputs` returns.
  let outputNames: [String]
  let outputs: (Variable) -> [Variable]
  private let backbone: any FeatureExtractor

  /// - Throws: `ValidationError` for a name, a head or a stride that does not exist.
  init(_ network: String, _ options: NetworkOptions, classCount: Int) throws {
    guard Self.heads.contains(options.head) else {
      throw ValidationError(
        "no head '\(options.head)'; there are \(Self.heads.joined(separator: ", "))")
    }
    var generator = PhiloxGenerator(seed: 1)
    let random = RandomSource(PhiloxGenerator(seed: 2))
    do throws(NetworkError) {
      let name = try NetworkName(named: network)
      let strides = name.outputStrides
      let stride = options.outputStride ?? (strides.contains(16) ? 16 : strides[0])
      (self.name, outputStride) = (name, stride)
      if options.head == "classifier" {
        let made = try name.makeClassifier(
          classCount: classCount, outputStride: stride, using: &generator)
        (backbone, module) = (made, made)
        (outputNames, outputs) = (["logits"], { [made.logits($0)] })
        return
      }
      let backbone = try name.makeNetwork(
        outputStride: stride, random: random, using: &generator)
      self.backbone = backbone
      switch options.head {
      case "features":
        module = backbone
        outputNames = backbone.stageStrides.indices.map { "stage\($0 + 1)" }
        outputs = { backbone.stages($0) }
      case "cam":
        let made = CAMClassifier(backbone: backbone, classCount: classCount, using: &generator)
        module = made
        outputNames = ["logits", "maps"]
        outputs = {
          let output = made($0)
          return [output.logits, output.maps]
        }
      default:
        let head = try SegmentationHeadName(named: options.head)
        let made = SegmentationNetwork(
          backbone: backbone,
          head: head.makeHead(
            for: backbone, classCount: classCount, random: random, using: &generator))
        module = made
        (outputNames, outputs) = (["scores"], { [made.fullSizeLogits($0)] })
      }
    } catch {
      throw ValidationError(error.description)
    }
  }

  /// Sets the weights; a published classifier is left out of a network without one.
  func load(_ file: WeightFile) throws -> WeightReport {
    module === backbone ? try backbone.loadWeights(file) : try module.loadWeights(file)
  }

  /// What a program that runs the exported network must know.
  var metadata: [String: String] {
    func text(_ numbers: [Float]) -> String { numbers.map { "\($0)" }.joined(separator: ",") }
    return [
      "network": name.rawValue, "output_stride": "\(outputStride)", "input": "RGB, 0...255",
      "mean": text(name.inputPreset.mean), "std": text(name.inputPreset.standardDeviation),
    ]
  }

  /// The number of classes of a file made for a head; `nil` where it has none.
  static func classCount(_ file: WeightFile, head: String) -> Int? {
    let weights = [
      "classifier": ["fc.weight", "_fc.weight"], "cam": ["classifier.weight"],
      "deeplab-largefov": ["head.cls_conv.weight"], "deeplab-v2": ["head.aspp.c0.weight"],
      "deeplab-v3plus": ["head.classifier.3.weight"],
      "deeplab-v3plus-separable": ["head.classifier.6.weight"],
    ]
    return weights[head]?.compactMap { file.tensors[$0]?.shape[0] }.first
  }
}
