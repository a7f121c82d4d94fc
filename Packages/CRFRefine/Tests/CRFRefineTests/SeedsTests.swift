import CRFRefine
import Tensor
import TensorTestSupport
import Testing

/// Golden numbers are from `Golden/golden_dense_crf.py`.
@Suite("Seeds")
struct SeedsTests {
  @Test("thresholds give IRN's seeds, exponents PSA's")
  func golden() throws {
    let golden = try GoldenFile("dense_crf", in: .module)
    let input = golden["seeds, thresholds"]
    let image = DenseCRFTests.bytes(input["image"])
    let classes = input["classes"].scalars.map { Int($0) }
    let irn = try Seeds().labels(maps: input["maps"], classes: classes, image: image)
    #expect(irn.labels == DenseCRFTests.bytes(input["seeds"]))
    #expect(Set(irn.labels).isSuperset(of: [0, 3, 7, 255]))
    let seeds = Seeds(background: .exponents(foreground: 4, background: 16), crf: .psa)
    let psa = try seeds.labels(maps: input["maps"], classes: classes, image: image)
    #expect(psa.labels == DenseCRFTests.bytes(golden["seeds, exponents"]["seeds"]))
  }

  @Test("without a CRF, thresholds decide")
  func thresholds() throws {
    let maps = Tensor([0.9, 0.1, 0.2, 0.2, 0.04, 0.01, 0.05, 0.31], shape: [1, 4, 2])
    let seeds = try Seeds(crf: nil).labels(maps: maps, classes: [5, 9], image: [])
    #expect(seeds == LabelMap([5, 255, 0, 9], shape: [1, 4]))
  }

  @Test("the automatic rule parts three groups of scores, whatever their height")
  func automatic() throws {
    let seeds = Seeds(background: .automatic, crf: nil)
    for factor in [1, 0.5] as [Float] {
      let scores = [0.9, 0.95, 0.4, 0.42, 0.01, 0.02, 0, 0.015] as [Float]
      let maps = Tensor(scores.map { $0 * factor }, shape: [2, 4, 1])
      let labels = try seeds.labels(maps: maps, classes: [7], image: [])
      #expect(labels == LabelMap([7, 7, 255, 255, 0, 0, 0, 0], shape: [2, 4]))
    }
    // Two groups: none is unsure. One: nothing is background.
    let two = try seeds.labels(
      maps: Tensor([0.9, 0.9, 0.1, 0.1], shape: [2, 2, 1]), classes: [7], image: [])
    #expect(two == LabelMap([7, 7, 0, 0], shape: [2, 2]))
    let one = try seeds.labels(maps: .ones([2, 2, 1]), classes: [7], image: [])
    #expect(one == LabelMap([7, 7, 7, 7], shape: [2, 2]))
    var wrong = Tensor.ones([2, 2, 1])
    wrong[1, 1, 0] = .infinity
    #expect(throws: CRFRefineError.self) {
      try seeds.labels(maps: wrong, classes: [7], image: [])
    }
  }

  @Test("an image without classes is background")
  func noClasses() throws {
    let maps = Tensor.zeros([2, 3, 0])
    let seeds = try Seeds().labels(maps: maps, classes: [], image: [])
    #expect(seeds == LabelMap(repeating: 0, shape: [2, 3]))
  }

  @Test("bad input is named")
  func errors() throws {
    func message(_ maps: Tensor, _ classes: [Int], _ bytes: Int, _ seeds: Seeds = Seeds()) -> String
    {
      let image = [UInt8](repeating: 0, count: bytes)
      do {
        _ = try seeds.labels(maps: maps, classes: classes, image: image)
        return ""
      } catch { return error.description }
    }
    let maps = Tensor.ones([2, 3, 1])
    #expect(
      message(maps, [1, 2], 18) == "seeds: maps [2, 3, 1] for 2 classes, expected [H, W, 2]")
    #expect(message(maps, [0], 18) == "seeds: class 0, expected 1...254")
    #expect(
      message(.ones([2, 3, 2]), [4, 4], 18) == "seeds: classes [4, 4], expected each once")
    #expect(message(maps, [1], 12) == "CRF: an image of 12 bytes, expected 2 x 3 x 3")
    var wrong = maps
    wrong[1, 2, 0] = .nan
    #expect(message(wrong, [1], 18) == "score maps: map 0 at [1, 2] is nan, expected finite")
    #expect(
      message(maps, [1], 18, Seeds(crf: .psa))
        == "seeds: CRF preset 'psa' reads scores, thresholds give label maps; expected 'irn-seed' "
        + "or a confidence")
  }
}
