internal import CCRFRefine
internal import Tensor

/// A kernel of one image, ready to filter marginals.
struct KernelFilter: Sendable {
  let lattice: PermutohedralLattice
  let compatibility: LabelCompatibility
  /// What normalises before the filter, for each point.
  let before: PooledBuffer<Float>?
  /// What normalises after it.
  let after: PooledBuffer<Float>?
  /// What filtering a map of ones gives: the messages of all labels together.
  let ones: PooledBuffer<Float>

  init(_ kernel: PairwiseKernel, _ order: PixelOrder, _ image: [UInt8]?) throws(CRFRefineError) {
    lattice = try kernel.lattice(order, image)
    compatibility = kernel.compatibility
    let count = order.count
    let sums = PooledBuffer<Float>(count: count)
    ones = sums
    Self.filterOnes(lattice, nil, nil, into: sums)
    guard kernel.normalization != .none else {
      (before, after) = (nil, nil)
      return
    }
    let factors = PooledBuffer<Float>(count: count)
    let symmetric = kernel.normalization == .symmetric
    parallelFor(count, grain: 1 << 14) { range in
      for point in range {
        // Safe: both hold a number for each point.
        let sum = unsafe sums.base[point] + 1e-20
        unsafe factors.base[point] = 1 / (symmetric ? sum.squareRoot() : sum)
      }
    }
    before = kernel.normalization.isBefore ? factors : nil
    after = kernel.normalization.isAfter ? factors : nil
    Self.filterOnes(lattice, before, after, into: sums)
  }

  private static func filterOnes(
    _ lattice: PermutohedralLattice, _ before: PooledBuffer<Float>?,
    _ after: PooledBuffer<Float>?, into out: PooledBuffer<Float>
  ) {
    let vertices = PooledBuffer<Float>(count: lattice.vertexCount)
    // Safe: one number for each point and vertex.
    unsafe out.base.initialize(repeating: 1, count: out.count)
    unsafe lattice.splat(out.base, factors: before?.base, 1, to: vertices.base)
    unsafe lattice.blur(vertices.base, 1)
    unsafe out.base.initialize(repeating: 0, count: out.count)
    unsafe lattice.slice(vertices.base, factors: after?.base, 1, to: out.base)
  }

  var byteCount: Int {
    lattice.byteCount + ((after ?? before)?.byteCount ?? 0) + ones.byteCount
  }
}

extension PairwiseKernel {
  fileprivate func lattice(
    _ order: PixelOrder, _ image: [UInt8]?
  ) throws(CRFRefineError) -> PermutohedralLattice {
    switch features {
    case .custom(let features):
      guard features.rank == 3, features.shape[0] == order.height, features.shape[1] == order.width
      else {
        throw CRFRefineError(
          "CRF: kernel features \(features.shape), expected [\(order.height), \(order.width), d]")
      }
      return try order.lattice(of: features)
    case .position(let deviations):
      return try order.lattice([deviations.x, deviations.y], nil)
    case .positionAndColor(let deviations, let colors):
      guard let image else {
        throw CRFRefineError("CRF: a bilateral kernel needs an image")
      }
      return try order.lattice(
        [deviations.x, deviations.y, colors.x, colors.y, colors.z], image)
    }
  }
}

extension PixelOrder {
  /// The lattice of a map of features.
  fileprivate func lattice(of map: Tensor) throws(CRFRefineError) -> PermutohedralLattice {
    let dimension = map.shape[2]
    let (low, high) = try PermutohedralLattice.bounds(of: map.reshaped([count, dimension]))
    return try unsafe PermutohedralLattice(
      pointCount: count, low: low, high: high
    ) { points, rows in
      unsafe map.withUnsafeScalars { map in
        // Safe: a row for each pixel on both sides.
        unsafe cl_gather_rows(
          rows, map.baseAddress, pixels.base + points.lowerBound, points.count, dimension)
      }
    }
  }

  /// The lattice of positions and, with an image, colours, over their deviations.
  fileprivate func lattice(
    _ deviations: [Float], _ image: [UInt8]?
  ) throws(CRFRefineError) -> PermutohedralLattice {
    if let wrong = deviations.first(where: { !($0 > 0 && $0.isFinite) }) {
      throw CRFRefineError("CRF: a kernel's standard deviation is \(wrong), expected above 0")
    }
    let largest = [Float(width - 1), Float(height - 1), 255, 255, 255]
    return try unsafe PermutohedralLattice(
      pointCount: count, low: deviations.map { _ in 0 },
      high: zip(largest, deviations).map { $0 / $1 }
    ) { points, rows in
      let own = unsafe pixels.base + points.lowerBound
      // Safe: a row for each pixel, and three bytes where there is an image.
      guard let image else {
        unsafe cl_image_features(rows, own, points.count, width, nil, deviations)
        return
      }
      unsafe image.withUnsafeBufferPointer { image in
        unsafe cl_image_features(rows, own, points.count, width, image.baseAddress, deviations)
      }
    }
  }
}
