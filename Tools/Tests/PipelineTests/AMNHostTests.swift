import Autograd
import Backbone
import Contrast
import Datasets
import Tensor
import Testing

@testable import Pipeline

@Suite("AMN's labels for the contrasts")
struct AMNHostTests {
  private let labels = Tensor.imageLabels([2, 3], classCount: 4)
  private let image = Image(
    (0..<48 * 64 * 3).map { UInt8($0 * 7919 % 251) }, height: 48, width: 64)

  private func host(agreement: Bool) -> AMNHost {
    var generator = PhiloxGenerator(seed: 1)
    let random = RandomSource(generator)
    let network = AMN(
      backbone: ResNet(.sample, using: &generator), classCount: 4, embeddingSize: 8,
      classifier: .hierarchical, random: random, using: &generator)
    network.eval()
    var settings = FBRSettings()
    (settings.agreement, settings.embedding) = (agreement, 8)
    return AMNHost(network, classCount: 4, settings, seed: 1)
  }

  private func seen(agreement: Bool, seeds: LabelMap?) throws -> SeedMap {
    let input = PictureViews(image, ViewSettings(), .imageNet).views[0].input
    let sized = seeds.map { seeds in
      LabelMap(
        seeds.resizedNearestExact(height: input.shape[1], width: input.shape[2]).labels,
        shape: [1, input.shape[1], input.shape[2]])
    }
    return try host(agreement: agreement).seen(Variable(input), labels: labels, seeds: sized).seeds
  }

  @Test("on request those that the seeds share, all others ignored")
  func agreement() throws {
    let plain = try seen(agreement: false, seeds: nil)
    let (label, width) = (plain.labels.labels[0], plain.labels.shape[2])
    // The left half is called what its first pixel is, the right one nothing.
    let seeds = LabelMap(
      (0..<48 * 64).map { $0 % 64 < 32 ? label : LabelMap.ignoreIndex }, shape: [48, 64])
    #expect(try seen(agreement: false, seeds: seeds).labels == plain.labels)
    #expect(try seen(agreement: true, seeds: nil).labels == plain.labels)
    let expected = plain.labels.labels.enumerated().map { pixel, own in
      own == label && pixel % width < width / 2 ? label : LabelMap.ignoreIndex
    }
    #expect(try seen(agreement: true, seeds: seeds).labels.labels == expected)
    #expect(expected != plain.labels.labels)
  }

  @Test("training contrasts only these")
  func training() throws {
    func queries(agreement: Bool, seeds label: UInt8) throws -> Float? {
      let sample = try Sample(
        id: "one", image: image, labels: [2, 3],
        mask: LabelMap(repeating: label, shape: [48, 64]), maps: .zeros([48, 64, 1]))
      let batch = try Batch([sample], classCount: 4)
      return try host(agreement: agreement).losses(batch, step: 0).parts["queries"]
    }
    for nothing in [0, LabelMap.ignoreIndex] {
      #expect(try queries(agreement: true, seeds: nothing) == 0)
      #expect(
        try queries(agreement: false, seeds: nothing) == queries(agreement: false, seeds: 2))
    }
    #expect(try [2, 3].compactMap { try queries(agreement: true, seeds: $0) }.max() ?? 0 > 0)
    #expect(try queries(agreement: false, seeds: 2) ?? 0 > 0)
  }
}
