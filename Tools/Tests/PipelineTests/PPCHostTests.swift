import Autograd
import Backbone
import Datasets
import Tensor
import Testing

@testable import Pipeline

@Suite("Maps of the saliency route")
struct PPCHostTests {
  /// Maps of a picture with the classes 2 and 3 of 4, after the scores of some were multiplied.
  private func maps(multiplying factors: [Int: Float] = [:]) throws -> Tensor {
    var generator = PhiloxGenerator(seed: 1)
    let random = RandomSource(generator)
    let network = PPC(
      backbone: ResNet(.sample, using: &generator), classCount: 4, embeddingSize: 8, random: random,
      using: &generator)
    let weight = try #require(
      network.namedParameters.first { $0.name == "classifier.weight" }?.parameter)
    weight.assign(weight.value * Tensor((0..<5).map { factors[$0] ?? 1 }, shape: [5]))
    network.eval()
    let host = PPCHost(network, FBRSettings(), seeds: [1, 2])
    let image = Image(
      (0..<40 * 56 * 3).map { UInt8($0 * 7919 % 251) }, height: 40, width: 56)
    var views = ViewSettings()
    views.scales = [1, 1.5]
    return host.maps(PictureViews(image, views, .imageNet), labels: [2, 3])
  }

  @Test("maps are shares of background and the picture's classes, and fill 0...1")
  func shares() throws {
    let plain = try maps()
    #expect(plain.shape == [40, 56, 2])
    #expect(plain.max([0, 1]).scalars.allSatisfy { abs($0 - 1) < 1e-3 })
    // What labels exclude has no say; the background, which no map is of, has.
    #expect(try maps(multiplying: [1: 9, 4: -9]) == plain)
    #expect(try maps(multiplying: [0: 9]) != plain)
  }
}
