/// A CRF as a paper's code sets it up: kernels, number of iterations, and how it reads its input.
public struct CRFPreset: Sendable {
  /// The name `init(named:)` knows.
  public let name: String
  /// The kernels.
  public var kernels: [PairwiseKernel]
  /// Mean-field iterations.
  public var iterations: Int
  /// The confidence in label maps, where the preset is made for label maps.
  public var confidence: Float?

  /// IRN's refinement of label maps (Ahn, Cho and Kwak, CVPR 2019, `crf_inference_label`).
  public static let irnSeed = CRFPreset(
    name: "irn-seed",
    kernels: [
      .gaussian(sxy: 3, compatibility: 3), .bilateral(sxy: 50, srgb: 5, compatibility: 10),
    ],
    iterations: 10, confidence: 0.7)

  /// PSA's refinement of score maps (Ahn and Kwak, CVPR 2018, `crf_inference`).
  public static let psa = CRFPreset(
    name: "psa",
    kernels: [
      .gaussian(sxy: 3, compatibility: 3), .bilateral(sxy: 80, srgb: 13, compatibility: 10),
    ],
    iterations: 10, confidence: nil)

  /// The same with 5 iterations (Lee et al., "Railroad is not a Train", CVPR 2021).
  public static let eps = CRFPreset(
    name: "eps", kernels: psa.kernels, iterations: 5, confidence: nil)

  /// DeepLab's refinement of class probabilities, as tuned for VOC (Chen et al., TPAMI 2018).
  public static let deeplab = CRFPreset(
    name: "deeplab",
    kernels: [
      .gaussian(sxy: 1, compatibility: 3), .bilateral(sxy: 67, srgb: 3, compatibility: 4),
    ],
    iterations: 10, confidence: nil)

  /// Every preset.
  public static let all = [irnSeed, psa, eps, deeplab]

  /// The preset of that name.
  ///
  /// - Throws: `CRFRefineError` that lists the names.
  public init(named name: String) throws(CRFRefineError) {
    guard let preset = Self.all.first(where: { $0.name == name }) else {
      throw CRFRefineError(
        "CRF: no preset '\(name)', expected one of \(Self.all.map(\.name).joined(separator: ", "))")
    }
    self = preset
  }

  private init(name: String, kernels: [PairwiseKernel], iterations: Int, confidence: Float?) {
    self.name = name
    self.kernels = kernels
    self.iterations = iterations
    self.confidence = confidence
  }
}
