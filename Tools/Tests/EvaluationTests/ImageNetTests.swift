import Autograd
import Backbone
import Datasets
import Foundation
import Tensor
import TensorTestSupport
import Testing

private let weights = URL(fileURLWithPath: #filePath)
  .appendingPathComponent("../../../../weights/efficientnet-lite0-57934424.pth").standardized.path
private let pictures = goldenNames("imagenet").map { "JPEGImages/\($0).jpg" }
private let problem = VOCPictures.problem(pictures)

/// Real weights on real pictures; the golden numbers are from `Golden/golden_imagenet.py`. All
/// pictures are compared by `Tests/Peers/check_backbone.py`.
@Suite("ImageNet weights")
struct ImageNetTests {
  @Test(
    "EfficientNet-Lite0 scores VOC pictures of many sizes as PyTorch does",
    .enabled(if: problem == nil, "\(problem ?? "")"),
    .enabled(
      if: FileManager.default.fileExists(atPath: weights),
      "no ImageNet weights in weights/; run 'make weights'"))
  func scores() throws {
    let golden = try GoldenFile("imagenet", in: .module)["pictures"]
    var generator = PhiloxGenerator(seed: 1)
    let network = EfficientNetLite(.lite0, classCount: 1000, using: &generator)
    let report = try network.loadWeights(WeightFile(reading: weights))
    #expect(report.loaded.count == 296 && report.leftOut == [] && report.kept == [])
    network.eval()
    var (best, scores): ([Float], [Float]) = ([], [])
    for name in pictures {
      let picture = try Image(contentsOf: VOCPictures.path(name))
      let input = Tensor(
        picture.pixels.map(Float.init), shape: [1, picture.height, picture.width, 3])
      let logits = withoutGradients { network.logits(Variable(network.inputPreset(input))).value }
      let order = logits.scalars.enumerated().sorted { $0.element > $1.element }.prefix(5)
      best += order.map { Float($0.offset) }
      scores += order.map(\.element)
    }
    #expect(best == golden["best"].scalars)
    let ours = Tensor(scores, shape: [pictures.count, 5])
    #expect(difference(from: golden["scores"], ours, relative: 1e-4) == nil)
  }
}
