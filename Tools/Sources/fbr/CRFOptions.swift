public import ArgumentParser
public import CRFRefine
import Foundation

/// The kernels and iterations of a dense CRF.
struct CRFOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Kernels and iterations of a paper: \(CRFPreset.all.map(\.name).joined(separator: ", ")).",
      discussion: "By default irn-seed for labels and psa for probabilities."))
  var preset: CRFPreset?

  @Option(
    help: ArgumentHelp(
      "A kernel by position, in place of the preset's; repeatable.",
      discussion: "Its standard deviation in pixels and its weight, such as 3,3.",
      valueName: "sxy,weight"))
  var gaussian: [GaussianKernel] = []

  @Option(
    help: ArgumentHelp(
      "A kernel by position and colour, in place of the preset's; repeatable.",
      discussion:
        "Standard deviations in pixels and in colours of 0...255, and its weight, such as "
        + "50,5,10.", valueName: "sxy,srgb,weight"))
  var bilateral: [BilateralKernel] = []

  @Option(help: "How kernels are normalised: none, before, after or symmetric.")
  var normalization = KernelNormalization.symmetric

  @Option(help: "Mean-field iterations. (default: the preset's)")
  var iterations: Int?

  func validate() throws {
    if let iterations, !(0...10_000).contains(iterations) {
      throw ValidationError("--iterations is \(iterations), expected 0...10000")
    }
    if preset != nil && !(gaussian.isEmpty && bilateral.isEmpty) {
      throw ValidationError(
        "--preset and kernels of one's own (--gaussian, --bilateral) exclude each other")
    }
  }

  /// The options' CRF.
  ///
  /// - Parameter standard: The preset where none is named.
  /// - Returns: Kernels and iterations.
  func crf(standard: CRFPreset) -> CRFPreset {
    var crf = preset ?? standard
    if !(gaussian.isEmpty && bilateral.isEmpty) {
      crf.kernels = gaussian.map(\.kernel) + bilateral.map(\.kernel)
    }
    for index in crf.kernels.indices { crf.kernels[index].normalization = normalization }
    crf.iterations = iterations ?? crf.iterations
    return crf
  }
}

extension CRFPreset: @retroactive ExpressibleByArgument {
  /// The preset of a name.
  public init?(argument: String) {
    guard let preset = try? CRFPreset(named: argument) else { return nil }
    self = preset
  }

  /// The names, for help and completion.
  public static var allValueStrings: [String] { all.map(\.name) }
  /// The preset's name.
  public var defaultValueDescription: String { name }
}

extension KernelNormalization: @retroactive ExpressibleByArgument {}

/// `SXY,WEIGHT`.
struct GaussianKernel: ExpressibleByArgument {
  let kernel: PairwiseKernel

  init?(argument: String) {
    guard let numbers = positiveNumbers(argument, count: 2) else { return nil }
    kernel = .gaussian(sxy: numbers[0], compatibility: numbers[1])
  }
}

/// `SXY,SRGB,WEIGHT`.
struct BilateralKernel: ExpressibleByArgument {
  let kernel: PairwiseKernel

  init?(argument: String) {
    guard let numbers = positiveNumbers(argument, count: 3) else { return nil }
    kernel = .bilateral(sxy: numbers[0], srgb: numbers[1], compatibility: numbers[2])
  }
}

private func positiveNumbers(_ text: String, count: Int) -> [Float]? {
  let numbers = text.split(separator: ",", omittingEmptySubsequences: false).compactMap {
    Float($0)
  }
  guard numbers.count == count, numbers.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
  return numbers
}
