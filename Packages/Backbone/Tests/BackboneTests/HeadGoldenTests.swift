import Autograd
import Backbone
import Tensor
import TensorTestSupport
import Testing

@Suite("Heads equal PyTorch's", .serialized)
struct HeadGoldenTests {
  private let golden: GoldenFile
  private let random = RandomSource(PhiloxGenerator(seed: 2))

  init() throws { golden = try GoldenFile("heads", in: .module) }

  /// Compares outputs, gradients of all parameters and those of the inputs.
  private func expectEqual(
    _ name: String, _ module: some Module, inputs shapes: [Shape],
    _ forward: ([Variable]) -> [Variable]
  ) throws {
    let golden = golden[name]
    #expect(module.stateDict.count == golden.integer("keys"))
    try SharedNumbers.fill(module)
    module.eval()
    let stream = UInt64(golden.integer("stream"))
    let inputs = shapes.enumerated().map { index, shape in
      Variable(SharedNumbers.numbers(stream + UInt64(index), shape), requiresGradient: true)
    }
    let outputs = forward(inputs)
    #expect(outputs.count == golden.integer("outputs"))
    var loss = Variable(Tensor(0))
    for (index, output) in outputs.enumerated() {
      let mismatch = SharedNumbers.mismatch(output.value, golden["output\(index)"].scalars)
      #expect(mismatch == nil, "output \(index)")
      let upstream = SharedNumbers.numbers(2000 + UInt64(index), output.shape)
      loss = loss + (output * Variable(upstream)).sum()
    }
    loss.backward()
    let mismatches = SharedNumbers.gradientMismatches(module, golden["gradients"])
    #expect(mismatches.isEmpty, "\(mismatches.count), such as \(mismatches.prefix(2))")
    for (index, input) in inputs.enumerated() {
      guard golden.has("input_gradient\(index)") else {
        #expect(input.gradient == nil, "input \(index)")
        continue
      }
      let gradient = try #require(input.gradient)
      let expected = golden["input_gradient\(index)"].scalars
      #expect(SharedNumbers.mismatch(gradient, expected) == nil, "input \(index)")
    }
  }

  private func sample(_ generator: inout PhiloxGenerator) -> ResNet {
    ResNet(.sample, using: &generator)
  }

  private let image: [Shape] = [[2, 65, 47, 3]]

  @Test("CAM classifier with both poolings")
  func cam() throws {
    var generator = PhiloxGenerator(seed: 1)
    for (name, pooling) in [
      ("cam-average", CAMClassifier.Pooling.average),
      ("cam-thresholded", .thresholded(theta: 0.1)),
    ] {
      let classifier = CAMClassifier(
        backbone: sample(&generator), classCount: 4, pooling: pooling, using: &generator)
      try expectEqual(name, classifier, inputs: image) { inputs in
        let output = classifier(inputs[0])
        let maps = classifier.activationMaps(inputs[0]).value
        #expect(maps == output.maps.value.relu())
        return [output.logits, output.maps]
      }
    }
  }

  @Test("activation maps that features' norms weigh")
  func norms() throws {
    var generator = PhiloxGenerator(seed: 1)
    let classifier = CAMClassifier(
      backbone: sample(&generator), classCount: 4, using: &generator)
    try expectEqual("cam-norm", classifier, inputs: image) {
      [classifier.activationMaps($0[0], normPower: 1.5)]
    }
  }

  private func amnAndLabels(_ classifier: AMN.Classifier = .aspp) -> (AMN, Variable) {
    var generator = PhiloxGenerator(seed: 1)
    let network = AMN(
      backbone: sample(&generator), classCount: 4, embeddingSize: 16, classifier: classifier,
      random: random, using: &generator)
    return (network, Variable(Tensor([1, 0, 1, 0, 0, 0, 0, 1], shape: [2, 4])))
  }

  @Test("AMN with FBR's heads", arguments: AMN.Classifier.allCases)
  func amn(_ classifier: AMN.Classifier) throws {
    let (network, labels) = amnAndLabels(classifier)
    try expectEqual("amn-\(classifier)", network, inputs: image) { inputs in
      let output = network(inputs[0], labels: labels)
      #expect(network.logits(inputs[0], labels: labels).value == output.logits.value)
      return [
        output.logits, output.embeddings.foreground, output.embeddings.background,
        output.embeddings.backgroundLogits,
      ]
    }
  }

  @Test("losses of the background head train nothing but that head")
  func backgroundTrainsItsHeadAlone() throws {
    let (network, labels) = amnAndLabels()
    let output = network(Variable(SharedNumbers.numbers(1, [2, 33, 41, 3])), labels: labels)
    (output.embeddings.background.mean() + output.embeddings.backgroundLogits.mean()).backward()
    let trained = network.namedParameters
      .filter { ($0.parameter.gradient?.squared().sum().scalar ?? 0) > 0 }.map(\.name)
    #expect(trained.contains { $0.hasPrefix("phi_bg.") })
    #expect(
      trained.allSatisfy { $0.hasPrefix("phi_bg.") || $0.hasPrefix("phi_seg.") }, "\(trained)")
  }

  @Test("PPC with FBR's heads: what its maps are refined from is a constant")
  func ppc() throws {
    var generator = PhiloxGenerator(seed: 1)
    let network = PPC(
      backbone: sample(&generator), classCount: 4, embeddingSize: 16, random: random,
      using: &generator)
    try expectEqual("ppc", network, inputs: image) { inputs in
      let output = network(inputs[0])
      #expect(network.maps(inputs[0]).value == output.maps.value)
      return [
        output.logits, output.maps, output.refined, output.embeddings.foreground,
        output.embeddings.background, output.embeddings.backgroundLogits,
      ]
    }
  }

  @Test("new heads start small: no class is preferred before training")
  func startsSmall() {
    var generator = PhiloxGenerator(seed: 3)
    let features = Variable(
      generator.normal(shape: [2, 9, 9, 256], standardDeviation: 1).relu())
    func size(_ scores: Variable) -> Float { scores.value.squared().mean().scalar.squareRoot() }
    let heads: [(String, Variable)] = [
      (
        "LargeFOV",
        DeepLabLargeFOV(
          inChannels: 256, classCount: 21, random: random, using: &generator)([features])
      ),
      ("v2", DeepLabV2(inChannels: 256, classCount: 21, using: &generator)([features])),
      (
        "IRN",
        IRN(
          channels: [256, 256, 256, 256, 256], strides: [4, 4, 4, 4, 4], using: &generator)(
            [Variable](repeating: features, count: 5)
          ).boundary
      ),
    ]
    for (name, scores) in heads { #expect(size(scores) < 1.5, "\(name): \(size(scores))") }
  }

  @Test("PCM, and the maps it is given")
  func pcm() throws {
    var generator = PhiloxGenerator(seed: 1)
    let module = PCM(shallowChannels: 6, deepChannels: 8, using: &generator)
    try expectEqual(
      "pcm", module, inputs: [[2, 9, 11, 4], [2, 33, 41, 3], [2, 5, 7, 6], [2, 5, 7, 8]]
    ) { [module($0[0], image: $0[1], shallow: $0[2], deep: $0[3])] }
    let normalized = PCM.normalized(SharedNumbers.numbers(3000, [2, 5, 7, 4]))
    let expected = golden["pcm-normalized"]["output"]
    #expect(difference(from: expected, normalized, relative: 1e-5) == nil)
  }

  @Test(
    "IRN on features of the strides of ResNet, EfficientNet-Lite and ResNet-38",
    arguments: [
      ("irn", [4, 4, 8, 16, 16], 65, 47), ("irn-lite", [2, 4, 8, 16, 32], 65, 47),
      ("irn-wide", [4, 8, 8, 8, 8], 41, 33),
    ])
  func irn(name: String, strides: [Int], height: Int, width: Int) throws {
    var generator = PhiloxGenerator(seed: 1)
    let channels = [3, 5, 7, 9, 11]
    let network = IRN(channels: channels, strides: strides, using: &generator)
    let shapes = zip(strides, channels).map { stride, channels -> Shape in
      [2, (height + stride - 1) / stride, (width + stride - 1) / stride, channels]
    }
    try expectEqual(name, network, inputs: shapes) { inputs in
      let output = network(inputs)
      return [output.boundary, output.displacement]
    }
    // The mean is subtracted in evaluation only.
    let features = shapes.map { Variable(SharedNumbers.numbers(1, $0)) }
    let shifted = network(features).displacement.value
    network.train()
    let plain = network(features).displacement.value
    let mean = network.meanShift.runningMean.value
    #expect(difference(from: plain, shifted + mean, relative: 1e-5) == nil)
  }

  @Test(
    "IRN's features of each kind of backbone", arguments: ["resnet-sample", "efficientnet-lite0"])
  func boundaryFeatures(name: String) throws {
    var generator = PhiloxGenerator(seed: 1)
    let network = try NetworkName(named: name).makeNetwork(
      outputStride: 16, random: random, using: &generator)
    network.eval()
    let features = network.boundaryFeatures(Variable(SharedNumbers.numbers(1, [1, 65, 47, 3])))
    #expect(features.map { $0.shape[3] } == network.boundaryChannels)
    #expect(features.map { $0.shape[1] } == network.boundaryStrides.map { (65 + $0 - 1) / $0 })
    #expect(features.allSatisfy { !$0.requiresGradient })
    let head = IRN(
      channels: network.boundaryChannels, strides: network.boundaryStrides, using: &generator)
    #expect(head(features).boundary.shape == [1, 17, 12, 1])
  }

  @Test("AffinityNet and its affinities")
  func affinity() throws {
    var generator = PhiloxGenerator(seed: 1)
    let network = AffinityNet(channels: [5, 6, 7], using: &generator)
    try expectEqual("affinity", network, inputs: [[1, 7, 9, 5], [1, 7, 9, 6], [1, 7, 9, 7]]) {
      AffinityNet.affinities(network($0), pairs: PixelPairs(radius: 3))
    }
  }

  @Test("DeepLab-LargeFOV, v2 and v3+")
  func deepLab() throws {
    var generator = PhiloxGenerator(seed: 1)
    let fov = DeepLabLargeFOV(inChannels: 5, classCount: 4, random: random, using: &generator)
    try expectEqual("largefov", fov, inputs: [[2, 15, 17, 5]]) { [fov($0)] }
    let v2 = DeepLabV2(inChannels: 5, classCount: 4, using: &generator)
    try expectEqual("deeplabv2", v2, inputs: [[2, 15, 17, 5]]) { [v2($0)] }
    for (name, isSeparable) in [("deeplabv3plus", false), ("deeplabv3plus-separable", true)] {
      let v3 = DeepLabV3Plus(
        channels: [6, 5], strides: [4, 16], classCount: 4, isSeparable: isSeparable,
        random: random, using: &generator)
      try expectEqual(name, v3, inputs: [[2, 17, 12, 6], [2, 5, 3, 5]]) { [v3($0)] }
    }
  }

  @Test("a segmentation network gives scores for every pixel")
  func segmentation() {
    var generator = PhiloxGenerator(seed: 1)
    let backbone = ResNet(.sample, outputStride: 16, using: &generator)
    let network = SegmentationNetwork(
      backbone: backbone,
      head: DeepLabV3Plus(
        channels: backbone.stageChannels, strides: backbone.stageStrides, classCount: 3,
        random: random, using: &generator))
    let image = Variable(SharedNumbers.numbers(1, [2, 33, 47, 3]))
    #expect(network(image).shape == [2, 9, 12, 3])
    let scores = network.fullSizeLogits(image)
    #expect(scores.shape == [2, 33, 47, 3])
    scores.sum().backward()
    #expect(network.parameters.allSatisfy { $0.gradient != nil })
  }

  @Test("AMN's embeddings are of features as the labels scale them, or on request as they are")
  func conditionedEmbeddings() {
    let features = Variable(SharedNumbers.numbers(1, [1, 3, 3, 256]))
    func outputs(conditionsEmbeddings: Bool) -> [AMN.Output] {
      var generator = PhiloxGenerator(seed: 1)
      let network = AMN(
        backbone: sample(&generator), classCount: 4, conditionsEmbeddings: conditionsEmbeddings,
        random: random, using: &generator)
      network.eval()
      return [0, 1].map { label in
        let labels = Tensor((0..<4).map { $0 == label ? 1 : 0 }, shape: [1, 4])
        return network.heads(features, labels: Variable(labels))
      }
    }
    let (conditioned, plain) = (
      outputs(conditionsEmbeddings: true), outputs(conditionsEmbeddings: false)
    )
    for embedding in [\FBREmbeddings.foreground, \.background, \.backgroundLogits] {
      let values = [conditioned, plain].map { $0.map { $0.embeddings[keyPath: embedding].value } }
      #expect(values[0][0] != values[0][1] && values[1][0] == values[1][1])
      #expect(values[1][0] != values[0][0])
    }
    #expect(zip(conditioned, plain).allSatisfy { $0.logits.value == $1.logits.value })
    #expect(plain[0].logits.value != plain[1].logits.value)
  }

  @Test("labels of another number of classes stop with a message")
  func wrongLabels() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = PhiloxGenerator(seed: 1)
      let network = AMN(
        backbone: ResNet(.sample, using: &generator), classCount: 4,
        random: RandomSource(generator), using: &generator)
      _ = network.heads(
        Variable(.zeros([2, 3, 3, 256])), labels: Variable(.zeros([2, 5])))
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("AMN: labels of shape [2, 5], expected [2, 4]"))
  }
}
