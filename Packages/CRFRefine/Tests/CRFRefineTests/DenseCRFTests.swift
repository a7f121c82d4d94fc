import CRFRefine
import Tensor
import TensorTestSupport
import Testing

/// Golden numbers are from `Golden/golden_dense_crf.py`.
@Suite("Dense CRF")
struct DenseCRFTests {
  static func bytes(_ tensor: Tensor) -> [UInt8] { tensor.scalars.map { UInt8($0) } }

  /// The share of pixels whose most likely label differs.
  static func labelDifference(_ a: Tensor, _ b: Tensor) -> Double {
    let (left, right) = (a.argmax(2).indices, b.argmax(2).indices)
    return Double(zip(left, right).count { $0 != $1 }) / Double(left.count)
  }

  @Test("marginals are pydensecrf's for every preset", arguments: CRFPreset.all.map(\.name))
  func presets(_ name: String) throws {
    let preset = try CRFPreset(named: name)
    let golden = try GoldenFile("dense_crf", in: .module)
    let cases = golden.cases.filter { $0.name.hasPrefix("\(name) ") }
    #expect(cases.count == 5)
    for golden in cases {
      let (image, given, expected) = (golden["image"], golden["unary"], golden["marginals"])
      let (height, width) = (image.shape[0], image.shape[1])
      let unary =
        if let confidence = preset.confidence {
          try Unary(
            labels: LabelMap(Self.bytes(given), shape: given.shape),
            labelCount: golden.integer("labels"), confidence: confidence)
        } else {
          try Unary(probabilities: given)
        }
      let crf = try DenseCRF(
        image: Self.bytes(image), height: height, width: width, preset: preset)
      let marginals = try crf.infer(unary, iterations: preset.iterations)
      #expect(difference(from: expected, marginals, relative: 0, absolute: 1e-5) == nil)
      #expect(Self.labelDifference(expected, marginals) == 0)
      let labels = try crf.inferLabels(unary, iterations: preset.iterations)
      #expect(labels.labels.map { Int32($0) } == marginals.argmax(2).indices)
    }
  }

  @Test(
    "marginals are pydensecrf's for every normalisation and compatibility",
    arguments: KernelNormalization.allCases, ["potts", "diagonal", "matrix"])
  func kernels(_ normalization: KernelNormalization, _ compatibility: String) throws {
    let golden = try GoldenFile("dense_crf", in: .module)
    let input = golden["kernel input"]
    let wanted = golden["\(normalization), \(compatibility)"]
    let scale: Float = normalization == .none ? 0.02 : 1
    let energies: LabelCompatibility =
      switch compatibility {
      case "potts": .potts(5 * scale)
      case "diagonal": .perLabel(wanted["compatibility"].scalars)
      default: .matrix(wanted["compatibility"])
      }
    let crf = try DenseCRF(
      image: Self.bytes(input["image"]), height: 19, width: 21,
      kernels: [
        PairwiseKernel(
          .position(deviations: [3, 2]), compatibility: .potts(2 * scale),
          normalization: normalization),
        PairwiseKernel(
          .positionAndColor(deviations: [11, 7], colorDeviations: [20, 30, 25]),
          compatibility: energies, normalization: normalization),
      ])
    let marginals = try crf.infer(Unary(energies: input["unary"]), iterations: 4)
    #expect(difference(from: wanted["marginals"], marginals, relative: 0, absolute: 1e-5) == nil)
  }

  @Test("marginals are pydensecrf's for features of any dimension", arguments: 1...6)
  func features(_ dimension: Int) throws {
    let golden = try GoldenFile("dense_crf", in: .module)["\(dimension) features"]
    let crf = try DenseCRF(
      height: 9, width: 12,
      kernels: [PairwiseKernel(.custom(golden["features"]), compatibility: .potts(3))])
    let marginals = try crf.infer(Unary(energies: golden["unary"]), iterations: 3)
    #expect(difference(from: golden["marginals"], marginals, relative: 0, absolute: 1e-5) == nil)
  }

  @Test("marginals are pydensecrf's for many labels")
  func manyLabels() throws {
    let golden = try GoldenFile("dense_crf", in: .module)["40 labels"]
    let crf = try DenseCRF(
      image: Self.bytes(golden["image"]), height: 8, width: 9, preset: .psa)
    let unary = try Unary(energies: golden["unary"])
    let marginals = try crf.infer(unary)
    #expect(difference(from: golden["marginals"], marginals, relative: 0, absolute: 1e-5) == nil)
    #expect(try crf.inferLabels(unary).labels.map { Int32($0) } == marginals.argmax(2).indices)
  }
}
