internal import CCRFRefine
internal import Tensor

/// A kernel of one image, ready to filter marginals.
struct KernelFilter: Sendable {
  let lattice: PermutohedralLattice
  let compatibility: LabelCompatibility
  /// The lattice's points of vertices; their weights hold what normalises before the filter.
  let shares: PooledBuffer<cl_share>
  /// What normalises after the filter, for each point.
  let after: PooledBuffer<Float>?
  /// What filtering a map of ones gives: the messages of all labels together.
  let ones: PooledBuffer<Float>

  init(_ kernel: PairwiseKernel, _ order: PixelOrder, _ image: [UInt8]?) throws(CRFRefineError) {
    lattice = try kernel.lattice(order, image)
    compatibility = kernel.compatibility
    // This lattice filters for one kernel only: its own weights can carry the factor.
    shares = lattice.vertexShares
    let count = order.count
    let sums = PooledBuffer<Float>(count: count)
    ones = sums
    Self.filterOnes(lattice, shares, nil, into: sums)
    guard kernel.normalization != .none else {
      after = nil
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
    let shares = shares
    if kernel.normalization.isBefore {
      parallelFor(count * (lattice.dimension + 1), grain: 1 << 14) { range in
        // Safe: the factors of all points.
        unsafe cl_scale_shares(shares.base, factors.base, range.lowerBound, range.upperBound)
      }
    }
    after = kernel.normalization.isAfter ? factors : nil
    Self.filterOnes(lattice, shares, after, into: sums)
  }

  private static func filterOnes(
    _ lattice: PermutohedralLattice, _ shares: PooledBuffer<cl_share>,
    _ after: PooledBuffer<Float>?, into out: PooledBuffer<Float>
  ) {
    let vertices = PooledBuffer<Float>(count: lattice.vertexCount)
    // Safe: one number for each point and vertex.
    unsafe out.base.initialize(repeating: 1, count: out.count)
    unsafe lattice.splat(out.base, shares, 1, to: vertices.base)
    unsafe lattice.blur(vertices.base, 1)
    unsafe out.base.initialize(repeating: 0, count: out.count)
    parallelFor(out.count, grain: 1024) { range in
      unsafe cl_slice(
        out.base + range.lowerBound, lattice.pointShares.base, lattice.dimension + 1,
        vertices.base, lattice.scale, after?.base, 1, range.lowerBound, range.upperBound)
    }
  }

  var byteCount: Int {
    lattice.byteCount + (after?.byteCount ?? 0) + ones.byteCount
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
      return try PermutohedralLattice(features: order.rows(of: features))
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
  /// The pixels' rows of a map, in this order.
  fileprivate func rows(of map: Tensor) -> Tensor {
    let columns = map.shape[2]
    return unsafe Tensor(unsafeUninitialized: [count, columns]) { rows in
      unsafe map.withUnsafeScalars { map in
        guard let rows = rows.baseAddress, let map = map.baseAddress else { return }
        parallelFor(count, grain: 4096) { range in
          // Safe: a row for each pixel on both sides.
          unsafe cl_gather_rows(
            rows, map, pixels.base, columns, range.lowerBound, range.upperBound)
        }
      }
    }
  }

  fileprivate func lattice(
    _ deviations: [Float], _ image: [UInt8]?
  ) throws(CRFRefineError) -> PermutohedralLattice {
    if let wrong = deviations.first(where: { !($0 > 0 && $0.isFinite) }) {
      throw CRFRefineError("CRF: a kernel's standard deviation is \(wrong), expected above 0")
    }
    let features = unsafe Tensor(unsafeUninitialized: [count, deviations.count]) { rows in
      guard let rows = rows.baseAddress else { return }
      // Safe: a row for each pixel, and three bytes where there is an image.
      if let image {
        unsafe image.withUnsafeBufferPointer { image in
          unsafe fill(rows, deviations, image.baseAddress)
        }
      } else {
        unsafe fill(rows, deviations, nil)
      }
    }
    let largest = [Float(width - 1), Float(height - 1), 255, 255, 255]
    return try PermutohedralLattice(
      features: features, low: deviations.map { _ in 0 },
      high: zip(largest, deviations).map { $0 / $1 })
  }

  private func fill(
    _ rows: UnsafeMutablePointer<Float>, _ deviations: [Float], _ image: UnsafePointer<UInt8>?
  ) {
    parallelFor(count, grain: 4096) { range in
      unsafe cl_image_features(
        rows, pixels.base, width, image, deviations, range.lowerBound, range.upperBound)
    }
  }
}
