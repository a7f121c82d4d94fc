import CRFRefine
import Tensor
import TensorTestSupport
import Testing

@Suite("Dense CRF, input and threads")
struct DenseCRFInputTests {
  static func scene(_ height: Int, _ width: Int, _ labels: Int) -> (
    image: [UInt8], energies: Tensor
  ) {
    var generator = PhiloxGenerator(seed: 3)
    let noise = generator.uniform(shape: [height * width * 3]).scalars
    let image = noise.indices.map { UInt8(Float($0 / 3 / width % 70 * 3) + noise[$0] * 30) }
    return (image, generator.normal(shape: [height, width, labels]))
  }

  @Test(
    "one thread, two and a caller's own give the same bits", .serialized, arguments: [2, 21, 40])
  func threads(_ labels: Int) async throws {
    await #expect(processExitsWith: .success) { [labels] in
      let (image, energies) = DenseCRFInputTests.scene(97, 131, labels)
      func infer() throws -> Tensor {
        let crf = try DenseCRF(image: image, height: 97, width: 131, preset: .irnSeed)
        return try crf.infer(Unary(energies: energies), iterations: 5)
      }
      Threads.count = 1
      let one = try infer()
      Threads.count = 3
      let three = try infer()
      precondition(one == three)
      let several = await withTaskGroup(of: Tensor?.self) { group in
        for _ in 0..<3 { group.addTask { try? Threads.serially { try infer() } } }
        return await group.reduce(into: []) { $0.append($1) }
      }
      precondition(several.allSatisfy { $0 == one })
    }
  }

  @Test("lattices take less than 100 bytes a pixel, with their construction less than 120")
  func memory() async {
    // In a process of its own: nothing else takes memory meanwhile.
    await #expect(processExitsWith: .success) {
      let (noisy, energies) = DenseCRFInputTests.scene(375, 500, 2)
      let image = noisy.enumerated().map { $1 / 3 + UInt8($0 / 3 % 100) }
      let unary = try Unary(energies: energies)
      let before = MemoryPool.statistics.inUse
      MemoryPool.resetPeak()
      let crf = try DenseCRF(image: image, height: 375, width: 500, preset: .irnSeed)
      precondition(crf.byteCount < 100 * 375 * 500)
      _ = try crf.infer(unary)
      precondition(MemoryPool.statistics.peak - before < 120 * 375 * 500)
    }
  }

  @Test("it stops when marginals have converged")
  func converged() throws {
    let (image, energies) = Self.scene(23, 31, 3)
    let crf = try DenseCRF(image: image, height: 23, width: 31, preset: .psa)
    let unary = try Unary(energies: energies)
    let result = try crf.inferUntilConverged(unary, tolerance: 1e-4)
    #expect(result.iterations < 100 && result.change <= 1e-4)
    let same = try crf.infer(unary, iterations: result.iterations)
    #expect(difference(from: same, result.marginals, relative: 1e-6) == nil)
    let before = try crf.infer(unary, iterations: result.iterations - 1)
    let changes = zip(before.scalars, same.scalars).map { abs($0 - $1) }
    #expect(abs((changes.max() ?? 0) - result.change) < 1e-6)
    let short = try crf.inferUntilConverged(unary, tolerance: 0, maximumIterations: 2)
    #expect(short.iterations == 2)
  }

  @Test("no iteration, no kernel and one label are defined")
  func degenerate() throws {
    let (image, energies) = Self.scene(5, 7, 4)
    let unary = try Unary(energies: energies)
    let softmax = (Tensor.zeros(energies.shape) - energies).softmax()
    let crf = try DenseCRF(image: image, height: 5, width: 7, preset: .psa)
    #expect(difference(from: softmax, try crf.infer(unary, iterations: 0), relative: 1e-6) == nil)
    let alone = try DenseCRF(height: 5, width: 7, kernels: [])
    #expect(difference(from: softmax, try alone.infer(unary), relative: 1e-6) == nil)
    let single = try Unary(
      labels: LabelMap(repeating: 0, shape: [5, 7]), labelCount: 1, confidence: 0.7)
    #expect(try crf.infer(single) == .ones([5, 7, 1]))
    #expect(try crf.inferLabels(single) == LabelMap(repeating: 0, shape: [5, 7]))
  }

  @Test("energies of any size do not overflow")
  func extremes() throws {
    let energies = Tensor([0, 3e4, -3e4, 1e30, 5, 5], shape: [1, 2, 3])
    let crf = try DenseCRF(height: 1, width: 2, kernels: [.gaussian(sxy: 1, compatibility: 3)])
    let marginals = try crf.infer(Unary(energies: energies), iterations: 3)
    #expect(marginals.scalars.allSatisfy { $0.isFinite })
    #expect(marginals[0, 0, 2] == 1 && abs(marginals[0, 1, 1] - 0.5) < 0.5)
  }

  @Test("unaries are pydensecrf's")
  func unaries() throws {
    let golden = try GoldenFile("dense_crf", in: .module)
    let zero = golden["zero unsure"]
    let labels = LabelMap(DenseCRFTests.bytes(zero["labels"]), shape: zero["labels"].shape)
    let pairs = [
      (zero, try Unary(labels: labels, labelCount: 3, confidence: 0.6, zeroIsUnsure: true)),
      (golden["clip"], try Unary(probabilities: golden["clip"]["probabilities"], clip: 1e-3)),
      (golden["scale"], try Unary(probabilities: golden["scale"]["probabilities"], scale: 0.8)),
    ]
    for (golden, unary) in pairs {
      let energies = golden["energies"]
      let crf = try DenseCRF(
        height: energies.shape[0], width: energies.shape[1], kernels: [])
      let expected = (Tensor.zeros(energies.shape) - energies).softmax()
      let marginals = try crf.infer(unary, iterations: 0)
      #expect(difference(from: expected, marginals, relative: 1e-5) == nil, "\(golden.name)")
    }
  }

  @Test("an unsure pixel takes its neighbours' label")
  func unsure() throws {
    let labels = LabelMap([1, 1, 1, 1, 255, 1, 1, 1, 1], shape: [3, 3])
    let crf = try DenseCRF(height: 3, width: 3, kernels: [.gaussian(sxy: 1, compatibility: 3)])
    let unary = try Unary(labels: labels, labelCount: 2, confidence: 0.7)
    #expect(try crf.inferLabels(unary).labels == [UInt8](repeating: 1, count: 9))
  }

  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return ""
    } catch { return "\(error)" }
  }

  @Test("images, kernels and sizes that do not fit are named")
  func images() throws {
    let image = [UInt8](repeating: 9, count: 12)
    #expect(
      message { _ = try DenseCRF(image: image, height: 3, width: 2, preset: .psa) }
        == "CRF: an image of 12 bytes, expected 3 x 2 x 3")
    #expect(
      message { _ = try DenseCRF(height: 0, width: 2, kernels: []) }
        == "CRF: an image of 0 x 2, expected 1 x 1 or more")
    #expect(
      message { _ = try DenseCRF(height: 2, width: 2, kernels: CRFPreset.psa.kernels) }
        == "CRF: a bilateral kernel needs an image")
    #expect(
      message {
        let kernels = [PairwiseKernel.gaussian(sxy: 0, compatibility: 1)]
        _ = try DenseCRF(height: 2, width: 2, kernels: kernels)
      } == "CRF: a kernel's standard deviation is 0.0, expected above 0")
    #expect(
      message {
        let kernels = [PairwiseKernel(.custom(.ones([2, 3, 1])), compatibility: .potts(1))]
        _ = try DenseCRF(height: 2, width: 2, kernels: kernels)
      } == "CRF: kernel features [2, 3, 1], expected [2, 2, d]")
    #expect(
      message { _ = try CRFPreset(named: "voc") }
        == "CRF: no preset 'voc', expected one of irn-seed, psa, eps, deeplab")
    let crf = try DenseCRF(image: image, height: 2, width: 2, preset: .psa)
    let other = try Unary(energies: .zeros([2, 3, 2]))
    #expect(
      message { _ = try crf.infer(other) } == "CRF: a unary of 2 x 3 for an image of 2 x 2")
    let unary = try Unary(energies: .zeros([2, 2, 3]))
    #expect(
      message { _ = try crf.infer(unary, iterations: -1) }
        == "CRF: -1 iterations, expected 0 or more")
    let kernels = [
      PairwiseKernel(.position(deviations: [1, 1]), compatibility: .perLabel([1, 2]))
    ]
    let few = try DenseCRF(height: 2, width: 2, kernels: kernels)
    #expect(
      message { _ = try few.infer(unary) }
        == "CRF: compatibility for 2 labels, the unary has 3")
  }

  @Test("unaries that make no sense are named")
  func unaryErrors() {
    var maps = Tensor.ones([2, 3, 2])
    maps[1, 2, 1] = .nan
    #expect(
      message { _ = try Unary(energies: maps) }
        == "unary: an energy of label 1 at [1, 2] is nan, expected finite")
    #expect(
      message { _ = try Unary(probabilities: maps) }
        == "unary: a probability of label 1 at [1, 2] is nan, expected in 0...1")
    #expect(
      message { _ = try Unary(scores: maps, backgroundExponent: 4) }
        == "unary: a score of label 1 at [1, 2] is nan, expected in 0...1")
    #expect(
      message { _ = try Unary(scores: .ones([2, 2, 1]), backgroundExponent: 0) }
        == "unary: background exponent 0.0, expected above 0")
    #expect(
      message { _ = try Unary(probabilities: .ones([2, 2, 0])) }
        == "unary: probabilities [2, 2, 0], expected [H, W, K], none of them 0")
    let labels = LabelMap([0, 1, 2, 255], shape: [2, 2])
    #expect(
      message { _ = try Unary(labels: labels, labelCount: 2, confidence: 0.7) }
        == "unary: label 2 at [1, 0], expected 0...1 or 255")
    #expect(
      message { _ = try Unary(labels: labels, labelCount: 3, confidence: 1) }
        == "unary: confidence 1.0, expected above 0 and below 1")
    #expect(
      message { _ = try Unary(labels: labels, labelCount: 0, confidence: 0.7) }
        == "unary: 0 labels, expected 1...255")
  }
}
