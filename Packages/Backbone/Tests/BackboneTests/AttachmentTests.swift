import Autograd
import Backbone
import Tensor
import Testing

@Suite("Every head attaches to every network", .serialized)
struct AttachmentTests {
  private static let classCount = 3

  private let random = RandomSource(PhiloxGenerator(seed: 2))
  private let image = Variable(SharedNumbers.numbers(1, [1, 41, 27, 3]))
  private let labels = Variable(Tensor([1, 0, 1], shape: [1, 3]))

  /// Expects a finite gradient at every trainable parameter.
  private func expectTrains(
    _ parts: [any Module], by outputs: [Variable], _ what: Comment
  ) throws {
    for part in parts { part.zeroGradients() }
    outputs.map { $0.mean() }.reduce(Variable(Tensor(0)), +).backward()
    for (name, parameter) in parts.flatMap(\.namedParameters).map({ ($0.name, $0.parameter) }) {
      if parameter.isFrozen { continue }
      let gradient = try #require(parameter.gradient, "\(what): '\(name)' has no gradient")
      #expect(gradient.squared().sum().scalar.isFinite, "\(what): '\(name)'")
    }
  }

  private func size(_ stride: Int) -> [Int] { [41, 27].map { ($0 + stride - 1) / stride } }

  @Test("forward and backward at an odd size", arguments: NetworkName.allCases)
  func attach(name: NetworkName) throws {
    var generator = PhiloxGenerator(seed: 1)
    let stride = try #require(name.outputStrides.contains(16) ? 16 : name.outputStrides.first)
    let backbone = try name.makeNetwork(outputStride: stride, random: random, using: &generator)
    // A batch this small has no statistics worth taking; its pipeline fixes them as well.
    backbone.setBatchNorm(.fixedStatistics)
    let coarse = size(stride)

    for pooling in [CAMClassifier.Pooling.average, .thresholded(theta: 0.1)] {
      let classifier = CAMClassifier(
        backbone: backbone, classCount: Self.classCount, pooling: pooling, using: &generator)
      let output = classifier(image)
      #expect(output.maps.shape == Shape([1] + coarse + [3]) && output.logits.shape == [1, 3])
      try expectTrains([classifier], by: [output.logits], "CAM, \(pooling)")
      // Gradients reach the first stage; from here on the last is enough, and quicker.
      backbone.freezeStages(backbone.stageModules.count - 1)
    }

    for classifier in [AMN.Classifier.aspp, .hierarchical] {
      let amn = AMN(
        backbone: backbone, classCount: Self.classCount, embeddingSize: 16,
        classifier: classifier, random: random, using: &generator)
      let output = amn(image, labels: labels)
      #expect(output.logits.shape == Shape([1] + coarse + [4]))
      try expectTrains(
        [amn],
        by: [
          output.logits, output.embeddings.foreground, output.embeddings.backgroundLogits,
        ],
        "AMN, \(classifier)")
    }

    let ppc = PPC(
      backbone: backbone, classCount: Self.classCount, embeddingSize: 16, random: random,
      using: &generator)
    let views = ppc(image)
    #expect(views.maps.shape == Shape([1] + coarse + [4]))
    try expectTrains(
      [ppc],
      by: [
        views.logits, views.maps, views.refined, views.embeddings.foreground,
        views.embeddings.backgroundLogits,
      ], "PPC")

    let irn = IRN(
      channels: backbone.boundaryChannels, strides: backbone.boundaryStrides, using: &generator)
    let relations = irn(backbone.boundaryFeatures(image))
    #expect(relations.boundary.shape == Shape([1] + size(4) + [1]))
    #expect(relations.displacement.shape == Shape([1] + size(4) + [2]))
    try expectTrains([irn], by: [relations.boundary, relations.displacement], "IRN")

    let stages = backbone.stages(image)
    let affinity = AffinityNet(backbone: backbone, using: &generator)
    let chosen = backbone.affinityStages.map { stages[$0] }
    let features = affinity(chosen)
    #expect(features.shape == Shape([1] + size(8) + [448]))
    let affinities = AffinityNet.affinities(features, pairs: PixelPairs(radius: 3))
    try expectTrains([affinity], by: affinities, "AffinityNet")

    let pcm = PCM(backbone: backbone, using: &generator)
    let maps = Variable(PCM.normalized(SharedNumbers.numbers(2, Shape([1] + coarse + [4]))))
    let spread = pcm(maps, image: image, shallow: chosen[0], deep: chosen[1])
    #expect(spread.shape[3] == 4)
    try expectTrains([pcm], by: [spread], "PCM")

    for kind in SegmentationHeadName.allCases {
      let head = kind.makeHead(
        for: backbone, classCount: Self.classCount + 1, random: random, using: &generator)
      // The mean of the whole image gives one pixel an image: no statistics there.
      head.setBatchNorm(.fixedStatistics)
      let network = SegmentationNetwork(backbone: backbone, head: head)
      let scores = network.fullSizeLogits(image)
      #expect(scores.shape == [1, 41, 27, 4])
      try expectTrains([network], by: [scores], "\(kind)")
    }
  }

  @Test("a segmentation head that does not exist is an error that names those that do")
  func unknownHead() {
    #expect {
      try SegmentationHeadName(named: "unet")
    } throws: {
      "\($0)"
        == "no segmentation head 'unet'; there are deeplab-largefov, deeplab-v2, deeplab-v3plus, "
        + "deeplab-v3plus-separable"
    }
  }
}
