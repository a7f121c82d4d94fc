import Autograd
import Backbone
import Contrast
import Datasets
import Tensor
import Testing

@testable import Pipeline

@Suite("Maps of the saliency route")
struct PPCHostTests {
  /// A host of 4 classes, the scores of some of them multiplied.
  private func host(
    _ settings: FBRSettings = FBRSettings(), multiplying factors: [Int: Float] = [:]
  ) throws -> PPCHost {
    var generator = PhiloxGenerator(seed: 1)
    let random = RandomSource(generator)
    let network = PPC(
      backbone: ResNet(.sample, using: &generator), classCount: 4, embeddingSize: 8, random: random,
      using: &generator)
    let weight = try #require(
      network.namedParameters.first { $0.name == "classifier.weight" }?.parameter)
    weight.assign(weight.value * Tensor((0..<5).map { factors[$0] ?? 1 }, shape: [5]))
    network.eval()
    return PPCHost(network, settings, seeds: [1, 2])
  }

  private func views(_ scales: [Double]) -> PictureViews {
    let image = Image(
      (0..<40 * 56 * 3).map { UInt8($0 * 7919 % 251) }, height: 40, width: 56)
    var views = ViewSettings()
    (views.scales, views.flip) = (scales, false)
    return PictureViews(image, views, .imageNet)
  }

  @Test("maps are shares of background and the picture's classes, and fill 0...1")
  func shares() throws {
    func maps(multiplying factors: [Int: Float] = [:]) throws -> Tensor {
      try host(multiplying: factors).maps(views([1, 1.5]), labels: [2, 3])
    }
    let plain = try maps()
    #expect(plain.shape == [40, 56, 2])
    #expect(plain.max([0, 1]).scalars.allSatisfy { abs($0 - 1) < 1e-3 })
    // What labels exclude has no say; the background, which no map is of, has.
    #expect(try maps(multiplying: [1: 9, 4: -9]) == plain)
    #expect(try maps(multiplying: [0: 9]) != plain)
  }

  @Test("the contrasts' labels are of the softmax, or of the refined maps on request")
  func seeds() throws {
    let image = Variable(views([1]).views[0].input)
    let labels = Tensor.imageLabels([2, 3], classCount: 4)
    let plain = try host().seen(image, labels: labels, seeds: nil)
    let scores = (try host().network as? PPC)?.maps(image).value
    #expect(
      plain.seeds.labels == (try SeedMap(logits: #require(scores), imageLabels: labels).labels))
    var settings = FBRSettings()
    settings.ppc.seeds = .refined
    let refined = try host(settings).seen(image, labels: labels, seeds: nil)
    #expect(refined.seeds.labels.shape == plain.seeds.labels.shape)
    #expect(refined.seeds.labels != plain.seeds.labels)
    #expect(Set(refined.seeds.labels.labels).isSubset(of: [0, 2, 3]))
  }
}
