internal import CCRFRefine
internal import Tensor

/// The state of one inference: marginals of every pixel, and room to filter them.
struct MeanField {
  private let crf: DenseCRF
  private let unary: Unary
  /// Columns of a row: all labels but the last, and padding.
  private let width: Int
  private let rows: PooledBuffer<Float>
  private let vertices: [PooledBuffer<Float>]
  private let compatibilities: [PooledBuffer<Float>?]

  /// What an update writes; nothing else is computed.
  @unsafe struct Receivers {
    /// The marginals that the next iteration filters.
    var rows: UnsafeMutablePointer<Float>?
    var marginals: UnsafeMutablePointer<Float>?
    var labels: UnsafeMutablePointer<UInt8>?
    var wantsChange = false
  }

  init(_ crf: DenseCRF, _ unary: Unary) throws(CRFRefineError) {
    let width = Int(cl_row_width(Int32(unary.labelCount - 1)))
    self.crf = crf
    self.unary = unary
    self.width = width
    rows = PooledBuffer(count: crf.order.count * width)
    var compatibilities: [PooledBuffer<Float>?] = []
    for filter in crf.filters {
      let energies = try filter.compatibility.energies(labels: unary.labelCount)
      compatibilities.append(energies.map { PooledBuffer($0) })
    }
    self.compatibilities = compatibilities
    vertices = crf.filters.map { PooledBuffer(count: $0.lattice.vertexCount * width) }
  }

  /// Starts from the unary alone, and gives `receivers` the marginals after some iterations.
  func run(iterations: Int, _ receivers: Receivers) {
    guard iterations > 0 else {
      unsafe update([], receivers)
      return
    }
    unsafe update([], Receivers(rows: rows.base))
    for _ in 1..<iterations { unsafe iterate(Receivers(rows: rows.base)) }
    unsafe iterate(receivers)
  }

  /// The same until no marginal changes by more than `tolerance`, or `maximum` iterations are done.
  func run(
    tolerance: Float, maximum: Int, _ marginals: UnsafeMutablePointer<Float>
  ) -> (iterations: Int, change: Float) {
    unsafe update([], Receivers(rows: rows.base))
    var done = (iterations: 0, change: Float.infinity)
    while done.iterations < maximum, done.change > tolerance {
      done.change = unsafe iterate(
        Receivers(rows: rows.base, marginals: marginals, wantsChange: true))
      done.iterations += 1
    }
    return done
  }

  @discardableResult
  private func iterate(_ receivers: Receivers) -> Float {
    var kernels = unsafe [cl_kernel]()
    for (index, filter) in crf.filters.enumerated() {
      let values = vertices[index]
      // Safe: rows of `width` for every point and every vertex.
      unsafe filter.lattice.splat(rows.base, filter.shares, width, to: values.base)
      unsafe filter.lattice.blur(values.base, width)
      let potts: Float = if case .potts(let weight) = filter.compatibility { weight } else { 0 }
      unsafe kernels.append(
        cl_kernel(
          shares: filter.lattice.pointShares.base, vertices_a_point: filter.lattice.dimension + 1,
          values: values.base, scale: filter.lattice.scale, after: filter.after?.base,
          ones: filter.ones.base, potts: potts, compatibility: compatibilities[index]?.base))
    }
    return unsafe update(kernels, receivers)
  }

  @discardableResult
  private func update(_ kernels: [cl_kernel], _ receivers: Receivers) -> Float {
    let grain = 16 * Int(CL_BLOCK)
    let count = crf.order.count
    var changes = [Float](repeating: 0, count: (count + grain - 1) / grain)
    let scratchCount = Int(CL_BLOCK) * (2 * width + 1) + unary.labelCount
    unsafe changes.withUnsafeMutableBufferPointer { changes in
      unsafe kernels.withUnsafeBufferPointer { kernels in
        unsafe unary.withField { energies, energyRows in
          var field = unsafe cl_field(
            labels: unary.labelCount, width: Int32(width), energies: energies,
            energy_rows: energyRows, pixels: crf.order.pixels.base, kernels: kernels.baseAddress,
            kernel_count: kernels.count)
          unsafe withUnsafePointer(to: &field) { field in
            parallelFor(count, grain: grain) { range in
              let scratch = PooledBuffer<Float>(count: scratchCount)
              let change =
                unsafe receivers.wantsChange
                ? changes.baseAddress.map { unsafe $0 + range.lowerBound / grain } : nil
              // Safe: writes the rows of its own points and what their pixels receive.
              unsafe cl_update(
                field, receivers.rows, receivers.marginals, receivers.labels, change, scratch.base,
                range.lowerBound, range.upperBound)
            }
          }
        }
      }
    }
    return changes.max() ?? 0
  }
}

extension PooledBuffer where Element == Float {
  fileprivate convenience init(_ elements: [Float]) {
    self.init(count: elements.count)
    for (index, element) in elements.enumerated() {
      // Safe: there is room for each element.
      unsafe base[index] = element
    }
  }
}
