internal import CCRFRefine
internal import Tensor

/// A fully connected CRF over the pixels of one image, with Gaussian edge potentials.
///
/// Made once an image: its lattices serve any number of unary energies. A value that never changes,
/// so that several tasks may infer with it at a time; inside, all threads work on one image.
///
/// Krähenbühl and Koltun, NeurIPS 2011 (https://arxiv.org/abs/1210.5644); the same marginals as
/// pydensecrf.
public struct DenseCRF: Sendable {
  /// The image's height in pixels.
  public let height: Int
  /// The image's width in pixels.
  public let width: Int
  let order: PixelOrder
  let filters: [KernelFilter]

  /// Builds the lattices of an image.
  ///
  /// - Parameters:
  ///   - image: RGB bytes, row-major `[H, W, 3]`.
  ///   - height: H, 1 or more.
  ///   - width: W, 1 or more.
  ///   - kernels: Which pixels are similar; none leaves the unary alone.
  /// - Throws: `CRFRefineError` where the sizes do not match the bytes, or a kernel has features
  ///   or standard deviations it cannot have.
  public init(
    image: [UInt8], height: Int, width: Int, kernels: [PairwiseKernel]
  ) throws(CRFRefineError) {
    guard height > 0, width > 0, image.count == height * width * 3 else {
      throw CRFRefineError(
        "CRF: an image of \(image.count) bytes, expected \(height) x \(width) x 3")
    }
    try self.init(height, width, image, kernels)
  }

  /// Builds the lattices of an image for a paper's kernels.
  ///
  /// - Parameters:
  ///   - image: RGB bytes, row-major `[H, W, 3]`.
  ///   - height: H, 1 or more.
  ///   - width: W, 1 or more.
  ///   - preset: Its kernels are taken; give its `iterations` to the inference.
  /// - Throws: `CRFRefineError` where the sizes do not match the bytes.
  public init(
    image: [UInt8], height: Int, width: Int, preset: CRFPreset
  ) throws(CRFRefineError) {
    try self.init(image: image, height: height, width: width, kernels: preset.kernels)
  }

  /// Builds the lattices of kernels that do not look at colours.
  ///
  /// - Throws: `CRFRefineError` where a size is not positive, or a kernel needs an image.
  public init(height: Int, width: Int, kernels: [PairwiseKernel]) throws(CRFRefineError) {
    guard height > 0, width > 0 else {
      throw CRFRefineError("CRF: an image of \(height) x \(width), expected 1 x 1 or more")
    }
    try self.init(height, width, nil, kernels)
  }

  private init(
    _ height: Int, _ width: Int, _ image: [UInt8]?, _ kernels: [PairwiseKernel]
  ) throws(CRFRefineError) {
    self.height = height
    self.width = width
    order = PixelOrder(height: height, width: width)
    var filters: [KernelFilter] = []
    for kernel in kernels { filters.append(try KernelFilter(kernel, order, image)) }
    self.filters = filters
  }

  /// The memory the lattices hold, in bytes.
  public var byteCount: Int {
    filters.reduce(order.pixels.byteCount) { $0 + $1.byteCount }
  }
}
