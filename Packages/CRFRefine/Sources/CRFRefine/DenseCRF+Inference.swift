internal import CCRFRefine
public import Tensor

extension DenseCRF {
  /// The marginals after a number of mean-field iterations.
  ///
  /// - Parameters:
  ///   - unary: Energies of the labels, of the image's size.
  ///   - iterations: 0 or more; 0 gives the softmax of the unary.
  /// - Returns: `[H, W, K]`; they sum to 1 over K.
  /// - Throws: `CRFRefineError` where the unary has another size than the image, or a kernel's
  ///   compatibility is for another number of labels.
  /// - Complexity: O(iterations K H W); memory, beside the result, 4 K bytes a lattice vertex and as
  ///   much again for each 1024 pixels that touch it. The same bits for any number of threads.
  public func infer(_ unary: Unary, iterations: Int = 10) throws(CRFRefineError) -> Tensor {
    let field = try field(unary, iterations: iterations)
    guard let field else { return .ones([height, width, 1]) }
    return unsafe Tensor(unsafeUninitialized: [height, width, unary.labelCount]) { out in
      // Safe: a number for each pixel and label.
      unsafe field.run(
        iterations: iterations,
        cl_receivers(rows: nil, marginals: out.baseAddress, argmax: nil, change: nil))
    }
  }

  /// The most likely label of each pixel after a number of mean-field iterations.
  ///
  /// - Parameters:
  ///   - unary: Energies of the labels, of the image's size; at most 256.
  ///   - iterations: 0 or more; 0 gives the labels of the unary.
  /// - Returns: Indices 0...K-1, `[H, W]`; the lowest of equally likely ones.
  /// - Throws: As `infer(_:iterations:)`.
  public func inferLabels(_ unary: Unary, iterations: Int = 10) throws(CRFRefineError) -> LabelMap {
    guard unary.labelCount <= 256 else {
      throw CRFRefineError("CRF: \(unary.labelCount) labels do not fit a label map, at most 256")
    }
    let field = try field(unary, iterations: iterations)
    guard let field else { return LabelMap(repeating: 0, shape: [height, width]) }
    let labels = unsafe [UInt8](unsafeUninitializedCapacity: height * width) { labels, count in
      // Safe: a label for each pixel.
      unsafe field.run(
        iterations: iterations,
        cl_receivers(rows: nil, marginals: nil, argmax: labels.baseAddress, change: nil))
      count = height * width
    }
    return LabelMap(labels, shape: [height, width])
  }

  /// The marginals once an iteration changes none of them by more than a tolerance.
  ///
  /// - Parameters:
  ///   - unary: Energies of the labels, of the image's size.
  ///   - tolerance: The largest change that counts as none, in 0...1.
  ///   - maximumIterations: When to stop all the same, 1 or more.
  /// - Returns: Marginals `[H, W, K]`, the iterations done, and the last one's largest change.
  /// - Throws: As `infer(_:iterations:)`.
  public func inferUntilConverged(
    _ unary: Unary, tolerance: Float = 1e-3, maximumIterations: Int = 100
  ) throws(CRFRefineError) -> (marginals: Tensor, iterations: Int, change: Float) {
    guard maximumIterations > 0, tolerance >= 0 else {
      throw CRFRefineError(
        "CRF: tolerance \(tolerance) within \(maximumIterations) iterations, expected 0 or more "
          + "and 1 or more")
    }
    let field = try field(unary, iterations: maximumIterations)
    guard let field else { return (.ones([height, width, 1]), 0, 0) }
    var done = (iterations: 0, change: Float(0))
    let marginals = unsafe Tensor(
      unsafeUninitialized: [height, width, unary.labelCount]
    ) { out in
      guard let out = out.baseAddress else { return }
      // Safe: a number for each pixel and label.
      unsafe done = field.run(tolerance: tolerance, maximum: maximumIterations, out)
    }
    return (marginals, done.iterations, done.change)
  }

  /// `nil` where there is but one label.
  private func field(_ unary: Unary, iterations: Int) throws(CRFRefineError) -> MeanField? {
    guard unary.height == height, unary.width == width else {
      throw CRFRefineError(
        "CRF: a unary of \(unary.height) x \(unary.width) for an image of \(height) x \(width)")
    }
    guard iterations >= 0 else {
      throw CRFRefineError("CRF: \(iterations) iterations, expected 0 or more")
    }
    return unary.labelCount == 1 ? nil : try MeanField(self, unary)
  }
}
