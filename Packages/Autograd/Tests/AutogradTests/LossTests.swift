import Autograd
import AutogradTestSupport
import Tensor
import TensorTestSupport
import Testing

/// Compares the three reductions of a loss and their gradients with a golden case.
private func expectGolden(
  _ golden: GoldenFile.Case, _ inputs: [Tensor],
  sourceLocation: SourceLocation = #_sourceLocation,
  _ loss: ([Variable], Reduction) -> Variable
) {
  func expectEqual(_ name: String, _ found: Tensor, relative: Float) {
    let difference = difference(from: golden[name], found, relative: relative)
    #expect(difference == nil, "\(golden.name): \(name)", sourceLocation: sourceLocation)
  }
  func run(_ reduction: Reduction, upstream: Tensor? = nil) -> (Tensor, [Tensor]) {
    let variables = inputs.map { Variable($0, requiresGradient: true) }
    let result = loss(variables, reduction)
    result.backward(with: upstream ?? .ones(result.shape))
    return (result.value, variables.map { $0.gradient ?? .zeros($0.shape) })
  }
  let (mean, meanGradients) = run(.mean)
  expectEqual("mean", mean, relative: 1e-5)
  let (each, eachGradients) = run(.none, upstream: golden["upstream"])
  expectEqual("none", each, relative: 1e-5)
  for index in inputs.indices {
    expectEqual("mean gradient \(index)", meanGradients[index], relative: 1e-4)
    expectEqual("none gradient \(index)", eachGradients[index], relative: 1e-4)
  }
  let (sum, sumGradients) = run(.sum)
  expectEqual("sum", sum, relative: 1e-5)
  let (_, onesGradients) = run(.none)
  for (found, expected) in zip(sumGradients, onesGradients) {
    let difference = difference(from: expected, found, relative: 1e-6)
    #expect(difference == nil, sourceLocation: sourceLocation)
  }
  // Scaled by what follows the loss.
  let (_, doubled) = run(.mean, upstream: Tensor(2))
  for (found, once) in zip(doubled, meanGradients) {
    #expect(found.scalars == once.scalars.map { 2 * $0 }, sourceLocation: sourceLocation)
  }
  let value = withoutGradients { loss(inputs.map { Variable($0) }, .mean) }
  #expect(value.value == mean && !value.requiresGradient, sourceLocation: sourceLocation)
}

private func labelMap(_ tensor: Tensor) -> LabelMap {
  LabelMap(tensor.scalars.map { UInt8($0) }, shape: tensor.shape)
}

/// Numbers of both signs, of magnitude up to about 2, none close to 0.
private func sample(_ shape: Shape, seed: Int = 1) -> Tensor {
  Tensor(
    (0..<shape.elementCount).map { index in
      let value = Float((index &* 7919 &+ seed &* 104_729) % 1009) / 1009
      return (index + seed) % 3 == 0 ? -0.1 - 1.8 * value : 0.1 + 1.9 * value
    }, shape: shape)
}

private let allReductions: [Reduction] = [.mean, .sum, .none]

@Suite("Losses against PyTorch")
struct LossGoldenTests {
  let golden: GoldenFile

  init() throws { golden = try GoldenFile("losses", in: .module) }

  @Test("multi-label soft margin", arguments: ["", ", weighted"])
  func multiLabel(variant: String) {
    let golden = golden["multi-label soft margin" + variant]
    let weight = golden.has("weight") ? golden["weight"] : nil
    expectGolden(golden, [golden["logits"]]) {
      $0[0].multiLabelSoftMarginLoss(golden["targets"], weight: weight, reduction: $1)
    }
  }

  @Test("binary cross-entropy", arguments: ["", ", weighted"])
  func binary(variant: String) {
    let golden = golden["binary" + variant]
    let weight = golden.has("weight") ? golden["weight"] : nil
    let positive = golden.has("positive") ? golden["positive"] : nil
    expectGolden(golden, [golden["logits"]]) {
      $0[0].binaryCrossEntropy(
        golden["targets"], weight: weight, positiveWeight: positive, reduction: $1)
    }
  }

  @Test(
    "cross-entropy of labels",
    arguments: ["", ", weighted", ", smoothed", ", weighted and smoothed"])
  func labels(variant: String) {
    let (pixels, golden) = (golden["pixels"], golden["cross-entropy" + variant])
    expectGolden(golden, [pixels["logits"]]) {
      $0[0].crossEntropy(
        labelMap(pixels["labels"]),
        classWeights: golden.number("weighted") == 1 ? pixels["weight"] : nil,
        labelSmoothing: Float(golden.number("smoothing")), reduction: $1)
    }
  }

  @Test("cross-entropy of soft targets", arguments: ["", ", weighted and smoothed"])
  func softTargets(variant: String) {
    let (pixels, golden) = (golden["pixels"], golden["soft targets" + variant])
    expectGolden(golden, [pixels["logits"]]) {
      $0[0].crossEntropy(
        probabilities: pixels["targets"],
        classWeights: golden.number("weighted") == 1 ? pixels["weight"] : nil,
        labelSmoothing: Float(golden.number("smoothing")), reduction: $1)
    }
  }

  @Test(
    "balanced cross-entropy",
    arguments: ["", ", no background", ", no foreground", ", classes by half", ", classes alike"])
  func balanced(variant: String) throws {
    let (pixels, golden) = (golden["pixels"], golden["balanced" + variant])
    let logits = Variable(pixels["logits"], requiresGradient: true)
    let loss = logits.balancedCrossEntropy(
      labelMap(golden["labels"]), classBalance: Float(golden.number("classBalance")))
    loss.backward()
    #expect(difference(from: golden["loss"], loss.value, relative: 1e-5) == nil)
    let gradient = try #require(logits.gradient)
    #expect(difference(from: golden["gradient"], gradient, relative: 1e-4) == nil)
  }

  @Test("differences: squared, absolute and smooth")
  func differences() {
    let losses: [String: (Variable, Variable, Reduction) -> Variable] = [
      "squared": { $0.meanSquaredError($1, reduction: $2) },
      "absolute": { $0.absoluteError($1, reduction: $2) },
      "smooth": { $0.smoothAbsoluteError($1, beta: 0.75, reduction: $2) },
      "smooth, beta 0": { $0.smoothAbsoluteError($1, beta: 0, reduction: $2) },
    ]
    for (name, loss) in losses {
      let golden = golden[name]
      expectGolden(golden, [golden["left"], golden["right"]]) { loss($0[0], $0[1], $1) }
    }
  }
}

@Suite("Loss gradients against central differences")
struct LossGradientTests {
  @Test("cross-entropy of labels", arguments: [(0, 3), (1, 1), (15, 2), (17, 21), (3, 255)])
  func labels(pixels: Int, classes: Int) {
    let logits = sample([pixels, classes])
    let labels = LabelMap(
      (0..<pixels).map { $0 % 5 == 1 ? 255 : UInt8($0 * 7 % classes) }, shape: [pixels])
    let weights = Tensor((0..<classes).map { 0.5 + Float($0 % 4) })
    for reduction in allReductions {
      #expect(
        gradientMismatch(at: [logits]) {
          $0[0].crossEntropy(
            labels, classWeights: weights, labelSmoothing: 0.1, reduction: reduction)
        } == nil)
    }
    if classes > 1 {
      for classBalance: Float in [0, 0.5] {
        #expect(
          gradientMismatch(at: [logits]) {
            $0[0].balancedCrossEntropy(labels, classBalance: classBalance)
          } == nil)
      }
    }
  }

  @Test("cross-entropy of soft targets", arguments: [(0, 3), (1, 1), (15, 2), (4, 40)])
  func softTargets(pixels: Int, classes: Int) {
    let targets = Tensor(
      sample([pixels, classes], seed: 5).scalars.map { abs($0) / Float(classes) },
      shape: [pixels, classes])
    for reduction in allReductions {
      #expect(
        gradientMismatch(at: [sample([pixels, classes])], step: 3e-2) {
          $0[0].crossEntropy(probabilities: targets, labelSmoothing: 0.1, reduction: reduction)
        } == nil)
    }
  }

  @Test("binary, multi-label and differences", arguments: [(0, 3), (1, 1), (15, 2), (17, 9)])
  func elementwise(rows: Int, columns: Int) {
    let shape: Shape = [rows, columns]
    let targets = Tensor(sample(shape, seed: 4).scalars.map { $0 > 0 ? 1 : 0 }, shape: shape)
    let weight = Tensor((0..<columns).map { 0.5 + Float($0 % 3) })
    let pair = [sample(shape), sample(shape, seed: 2)]
    for reduction in allReductions {
      let losses: [(Variable, Variable) -> Variable] = [
        { a, _ in
          a.binaryCrossEntropy(
            targets, weight: weight, positiveWeight: weight, reduction: reduction)
        },
        { a, _ in a.multiLabelSoftMarginLoss(targets, weight: weight, reduction: reduction) },
        { a, b in a.meanSquaredError(b, reduction: reduction) },
        { a, b in a.absoluteError(b, reduction: reduction) },
        { a, b in a.smoothAbsoluteError(b, beta: 0.6, reduction: reduction) },
      ]
      for loss in losses {
        #expect(gradientMismatch(at: pair, step: 3e-3) { loss($0[0], $0[1]) } == nil)
      }
    }
  }
}

@Suite("Loss edge cases")
struct LossEdgeTests {
  @Test("where every pixel is ignored the loss is 0 with a zero gradient")
  func allIgnored() {
    let ignored = LabelMap(repeating: 255, shape: [2, 3])
    let weights = Tensor([1, 2, 3, 4])
    let losses: [(Variable) -> Variable] = [
      { $0.crossEntropy(ignored) },
      { $0.crossEntropy(ignored, classWeights: weights, labelSmoothing: 0.2) },
      { $0.crossEntropy(LabelMap(repeating: 1, shape: [2, 3]), classWeights: .zeros([4])) },
      { $0.balancedCrossEntropy(ignored, classBalance: 0.5) },
    ]
    for loss in losses {
      let logits = Variable(sample([2, 3, 4]), requiresGradient: true)
      let value = loss(logits)
      value.backward()
      #expect(value.value.scalars == [0])
      #expect(logits.gradient == .zeros([2, 3, 4]))
    }
  }

  @Test("the mean of nothing is 0")
  func empty() {
    let none = Variable(.zeros([0, 4]), requiresGradient: true)
    #expect(none.crossEntropy(LabelMap([], shape: [0])).value.scalars == [0])
    #expect(none.binaryCrossEntropy(.zeros([0, 4])).value.scalars == [0])
    #expect(none.multiLabelSoftMarginLoss(.zeros([0, 4])).value.scalars == [0])
    #expect(none.meanSquaredError(none.detached()).value.scalars == [0])
  }

  @Test("extreme logits give finite losses, NaN stays NaN")
  func extremes() {
    let logits = Tensor([1e30, -1e30, 0, 88, -100, 3e38], shape: [2, 3])
    let targets = Tensor([0, 1, 0, 1, 0, 1], shape: [2, 3])
    #expect(Variable(logits).crossEntropy(LabelMap([0, 2], shape: [2])).value.scalars == [0])
    #expect(Variable(logits).binaryCrossEntropy(targets).value.scalar > 1e29)
    let broken = Variable(Tensor([1, .nan, 0], shape: [1, 3]), requiresGradient: true)
    let loss = broken.crossEntropy(LabelMap([0], shape: [1]))
    loss.backward()
    #expect(loss.value.scalar.isNaN)
    #expect(broken.gradient?.scalars.contains(where: \.isNaN) == true)
    #expect(
      Variable(Tensor([.nan])).binaryCrossEntropy(Tensor([1])).value.scalar.isNaN)
    #expect(
      Variable(Tensor([.nan])).absoluteError(Variable(Tensor([1]))).value.scalar.isNaN)
  }

  @Test("a confident prediction has a small, not a zero, loss")
  func confident() {
    let loss = Variable(Tensor([20])).binaryCrossEntropy(Tensor([1])).value.scalar
    #expect(abs(loss - 2.0611537e-9) < 1e-14)
  }

  @Test("one and two threads give the same bits, and so does a second run")
  func threads() {
    let before = Threads.count
    defer { Threads.count = before }
    let (pixels, classes) = (20_011, 21)
    let (logits, other) = (sample([pixels, classes]), sample([pixels, classes], seed: 3))
    let labels = LabelMap(
      (0..<pixels).map { $0 % 11 == 1 ? 255 : UInt8($0 * 7 % classes) }, shape: [pixels])
    let losses: [(Variable) -> Variable] = [
      { $0.crossEntropy(labels, labelSmoothing: 0.1) },
      { $0.balancedCrossEntropy(labels) },
      { $0.crossEntropy(probabilities: other) },
      { $0.binaryCrossEntropy(other) },
      { $0.multiLabelSoftMarginLoss(other) },
      { $0.smoothAbsoluteError(Variable(other)) },
    ]
    for loss in losses {
      let results = [1, 2, 2].map { threads -> [Tensor?] in
        Threads.count = threads
        let input = Variable(logits, requiresGradient: true)
        let value = loss(input)
        value.backward()
        return [value.value, input.gradient]
      }
      #expect(results[0] == results[1] && results[1] == results[2])
    }
  }
}

@Suite("Losses stop")
struct LossStopTests {
  @Test("at a label that is no class")
  func label() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Variable(.zeros([3, 21])).crossEntropy(LabelMap([0, 255, 21], shape: [3]))
    }
    expect(result, mentions: "crossEntropy: label 21 at index 2, logits of shape [3, 21]")
  }

  @Test("at shapes that do not fit")
  func shapes() async {
    let labels = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Variable(.zeros([2, 3, 4])).balancedCrossEntropy(LabelMap(repeating: 0, shape: [3, 2]))
    }
    expect(labels, mentions: "balancedCrossEntropy: logits of shape [2, 3, 4], labels of [3, 2]")
    let soft = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Variable(.zeros([2, 3])).crossEntropy(probabilities: .zeros([3, 2]))
    }
    expect(soft, mentions: "logits of shape [2, 3], probabilities of [3, 2]")
    let weights = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Variable(.zeros([1, 3])).crossEntropy(LabelMap([0], shape: [1]), classWeights: .ones([2]))
    }
    expect(weights, mentions: "class weights of shape [2] for 3 classes")
    let binary = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Variable(.zeros([2, 3])).binaryCrossEntropy(.zeros([2, 3]), weight: .ones([2]))
    }
    expect(binary, mentions: "binaryCrossEntropy: weight of shape [2] does not stretch to [2, 3]")
    let difference = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = Variable(.zeros([2, 3])).absoluteError(Variable(.zeros([3]))) }
    expect(difference, mentions: "absoluteError: [2, 3] and [3] differ")
  }
}
