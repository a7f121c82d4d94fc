import Autograd
import Backbone
import Tensor
import TensorTestSupport
import Testing

@Suite("Maps spread by the likeness of features")
struct LikenessSpreadTests {
  @Test("equal PyTorch's, with maps of another size", arguments: [1, 3])
  func golden(power: Int) throws {
    let spread = LikenessSpread.spread(
      SharedNumbers.numbers(3000, [2, 5, 7, 4]), by: SharedNumbers.numbers(3001, [2, 7, 9, 8]),
      power: Float(power))
    #expect(spread.shape == [2, 7, 9, 4])
    let expected = try GoldenFile("heads", in: .module)["likeness-spread"]["power\(power)"]
    #expect(difference(from: expected, spread, relative: 1e-4) == nil)
  }

  @Test("more pixels than a block are PCM's spread at power 1")
  func blocks() {
    let maps = SharedNumbers.numbers(1, [1, 37, 41, 2])
    let features = SharedNumbers.numbers(2, [1, 37, 41, 6])
    let expected = PCM.spread(Variable(maps), by: Variable(features)).value
    let spread = LikenessSpread.spread(maps, by: features, power: 1)
    #expect((spread - expected).abs().max([0, 1, 2, 3]).scalar < 1e-5)
  }

  @Test("two kinds of pixels: each takes its kind's mean; pixels without features become 0")
  func kinds() {
    // A row of two pixels alike, two others, orthogonal to them, and one of zeros.
    let features = Tensor([1, 0, 2, 0, 0, 1, 0, 3, 0, 0], shape: [1, 1, 5, 2])
    let maps = Tensor([1, 0, 0.5, 0.3, 0.9], shape: [1, 1, 5, 1])
    let spread = LikenessSpread.spread(maps, by: features, power: 3).scalars
    for (value, expected) in zip(spread, [0.5, 0.5, 0.4, 0.4, 0] as [Float]) {
      #expect(abs(value - expected) < 1e-4)
    }
  }

  @Test("a classifier's maps are spread by its backbone's features")
  func classifier() {
    var generator = PhiloxGenerator(seed: 1)
    let backbone = EfficientNetLite(.lite0, outputStride: 16, using: &generator)
    backbone.setBatchNorm(.frozen)
    let classifier = CAMClassifier(backbone: backbone, classCount: 3, using: &generator)
    let image = Variable(SharedNumbers.numbers(1, [1, 64, 48, 3]))
    let plain = classifier.activationMaps(image).value
    let spread = classifier.activationMaps(image, affinityPower: 3).value
    let features = backbone.stages(image)[backbone.affinityStages[1]].value
    #expect(plain != spread)
    #expect(LikenessSpread.spread(plain, by: features, power: 3) == spread)
    let weighed = classifier.activationMaps(image, normPower: 1, affinityPower: 3).value
    let unspread = classifier.activationMaps(image, normPower: 1).value
    #expect(LikenessSpread.spread(unspread, by: features, power: 3) == weighed)
  }
}
