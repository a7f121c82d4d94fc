import Autograd
import Backbone
import Foundation
import Tensor
import TensorIO
import Testing

/// Where the script wants its files.
private let peerFolder = ProcessInfo.processInfo.environment["FBR_PEER_FILES"]

/// Writes what `Tests/Peers/check_backbone.py` compares with PyTorch and onnxruntime. That script
/// runs these tests with FBR_PEER_FILES set to a folder of its own; they do nothing otherwise.
@Suite("Files for peers", .serialized, .enabled(if: peerFolder != nil))
struct PeerFileTests {
  private func path(_ name: String) throws -> String { "\(try #require(peerFolder))/\(name)" }

  @Test("EfficientNet-Lite0's scores of the script's pictures")
  func scores() throws {
    guard FileManager.default.fileExists(atPath: try path("pixels.npy")) else { return }
    let pixels = try NPYFile.read(path("pixels.npy"))
    var generator = PhiloxGenerator(seed: 1)
    let network = EfficientNetLite(.lite0, classCount: 1000, using: &generator)
    let report = try network.loadWeights(WeightFile(reading: path("weights.pth")))
    #expect(report.loaded.count == 296 && report.leftOut == [] && report.kept == [])
    network.eval()
    let images = pixels.tensor
    let scores = withoutGradients {
      stride(from: 0, to: images.shape[0], by: 16).map { start in
        let batch = images.sliced(start..<min(start + 16, images.shape[0]), axis: 0)
        return network.logits(Variable(network.inputPreset(batch))).value
      }
    }
    try NPYFile.write(NumericArray(Tensor(concatenating: scores)), to: path("scores.npy"))
    try network.saveWeights(to: path("saved.safetensors"))
  }

  /// Writes a model traced at one size, and what it makes of images of others.
  private func export(
    _ name: String, _ module: any Module, labels: Int? = nil, outputs: [String],
    _ forward: ([Variable]) -> [Variable]
  ) throws {
    func shapes(_ batch: Int, _ height: Int, _ width: Int) -> [Shape] {
      [[batch, height, width, 3]] + (labels.map { [[batch, $0]] } ?? [])
    }
    let inputs = Array(zip(["image", "labels"], shapes(1, 64, 64)))
    let model = try ONNXModel(
      module, inputs: inputs.map { (name: $0, shape: $1) }, outputs: outputs, forward)
    try model.write(to: path("\(name).onnx"))
    module.eval()
    for (index, shapes) in [shapes(1, 65, 47), shapes(2, 49, 78)].enumerated() {
      let inputs = shapes.enumerated().map { Variable(SharedNumbers.numbers(UInt64($0), $1)) }
      let results = withoutGradients { forward(inputs) }
      for (kind, values) in [("input", inputs), ("output", results)] {
        for (place, value) in values.enumerated() {
          try NPYFile.write(
            NumericArray(value.value), to: path("\(name).\(index).\(kind)\(place).npy"))
        }
      }
    }
  }

  @Test("every network as ONNX", arguments: NetworkName.allCases)
  func networks(name: NetworkName) throws {
    var generator = PhiloxGenerator(seed: 1)
    for stride in name.outputStrides {
      let network = try name.makeNetwork(
        outputStride: stride, random: RandomSource(generator), using: &generator)
      try SharedNumbers.fill(network)
      let outputs = network.stageChannels.indices.map { "stage\($0 + 1)" }
      try export("\(name.rawValue)-stride\(stride)", network, outputs: outputs) {
        network.stages($0[0])
      }
    }
  }

  @Test("classifiers as ONNX, one of them with real weights")
  func classifiers() throws {
    var generator = PhiloxGenerator(seed: 1)
    let resnet = ResNet(.resnet18, classCount: 7, using: &generator)
    try SharedNumbers.fill(resnet)
    try export("resnet18-classifier", resnet, outputs: ["logits"]) { [resnet.logits($0[0])] }
    let lite = EfficientNetLite(.lite0, classCount: 1000, using: &generator)
    try lite.loadWeights(WeightFile(reading: path("weights.pth")))
    try export("efficientnet-lite0-imagenet", lite, outputs: ["logits"]) { [lite.logits($0[0])] }
  }

  @Test(
    "every head as ONNX", arguments: [NetworkName.resnetSample, .efficientNetLite0, .resnet18])
  func heads(name: NetworkName) throws {
    var generator = PhiloxGenerator(seed: 1)
    let random = RandomSource(PhiloxGenerator(seed: 2))
    let backbone = try name.makeNetwork(outputStride: 16, random: random, using: &generator)
    func export(
      _ head: String, _ module: any Module, labels: Int? = nil, outputs: [String],
      _ forward: ([Variable]) -> [Variable]
    ) throws {
      try SharedNumbers.fill(module)
      try self.export(
        "\(name.rawValue)-\(head)", module, labels: labels, outputs: outputs, forward)
    }
    for (head, pooling) in [
      ("cam", CAMClassifier.Pooling.average), ("cam-thresholded", .thresholded(theta: 0.1)),
    ] {
      let cam = CAMClassifier(
        backbone: backbone, classCount: 4, pooling: pooling, using: &generator)
      try export(head, cam, outputs: ["logits", "maps"]) {
        let output = cam($0[0])
        return [output.logits, output.maps]
      }
    }
    for classifier in AMN.Classifier.allCases {
      let amn = AMN(
        backbone: backbone, classCount: 4, embeddingSize: 16, classifier: classifier,
        random: random, using: &generator)
      try export(
        "amn-\(classifier)", amn, labels: 4,
        outputs: ["logits", "foreground", "background", "background_logits"]
      ) {
        let output = amn($0[0], labels: $0[1])
        return [
          output.logits, output.embeddings.foreground, output.embeddings.background,
          output.embeddings.backgroundLogits,
        ]
      }
    }
    let irn = Joined(
      backbone,
      IRN(
        channels: backbone.boundaryChannels, strides: backbone.boundaryStrides, using: &generator))
    try export("irn", irn, outputs: ["boundary", "displacement"]) {
      let output = irn.head(backbone.boundaryFeatures($0[0]))
      return [output.boundary, output.displacement]
    }
    let affinity = Joined(backbone, AffinityNet(backbone: backbone, using: &generator))
    try export("affinity", affinity, outputs: ["features"]) {
      let stages = backbone.stages($0[0])
      return [affinity.head(backbone.affinityStages.map { stages[$0] })]
    }
    let pcm = Joined(backbone, PCM(backbone: backbone, using: &generator))
    try export("pcm", pcm, outputs: ["maps"]) {
      let stages = backbone.stages($0[0])
      let chosen = backbone.affinityStages.map { stages[$0] }
      return [pcm.head(chosen[2], image: $0[0], shallow: chosen[0], deep: chosen[1])]
    }
    for kind in SegmentationHeadName.allCases {
      let head = kind.makeHead(for: backbone, classCount: 5, random: random, using: &generator)
      let network = SegmentationNetwork(backbone: backbone, head: head)
      try export(kind.rawValue, network, outputs: ["scores"]) {
        [network.fullSizeLogits($0[0])]
      }
    }
  }
}

/// A backbone and a head that takes several of its stages, as one module.
private final class Joined<Head: Module>: Module {
  let backbone: any FeatureExtractor
  let head: Head

  init(_ backbone: any FeatureExtractor, _ head: Head) {
    (self.backbone, self.head) = (backbone, head)
  }
}
