internal import CCRFRefine
internal import Tensor

/// The state of one inference: room to filter the marginals of every pixel.
///
/// Marginals go into the lattices chunk by chunk as they are worked out; they are never stored
/// together, unless someone asks for them.
@safe struct MeanField {
  private let crf: DenseCRF
  private let unary: Unary
  /// Columns of a row: all labels but the last, and padding.
  private let width: Int
  /// For each kernel its lattice, sums at the lattice's places, and values at its vertices.
  private let views: PooledBuffer<cl_lattice>
  private let sums: [PooledBuffer<Float>]
  private let vertices: [PooledBuffer<Float>]
  private let compatibilities: [PooledBuffer<Float>?]

  init(_ crf: DenseCRF, _ unary: Unary) throws(CRFRefineError) {
    let width = Int(cl_row_width(Int32(unary.labelCount - 1)))
    self.crf = crf
    self.unary = unary
    self.width = width
    var compatibilities: [PooledBuffer<Float>?] = []
    for filter in crf.filters {
      let energies = try filter.compatibility.energies(labels: unary.labelCount)
      compatibilities.append(energies.map { PooledBuffer($0) })
    }
    self.compatibilities = compatibilities
    unsafe views = unsafe PooledBuffer(crf.filters.map { unsafe $0.lattice.view })
    sums = crf.filters.map { PooledBuffer(count: $0.lattice.placeCount * width) }
    vertices = crf.filters.map { PooledBuffer(count: $0.lattice.vertexCount * width) }
  }

  /// Starts from the unary alone, and gives `receivers` the marginals after some iterations.
  func run(iterations: Int, _ receivers: cl_receivers) {
    var kernels = unsafe [cl_kernel]()
    for _ in 0..<iterations {
      unsafe update(kernels, cl_receivers())
      unsafe kernels = filteredKernels()
    }
    unsafe update(kernels, receivers, isLast: true)
  }

  /// The same until no marginal changes by more than `tolerance`, or `maximum` iterations are done.
  func run(
    tolerance: Float, maximum: Int, _ marginals: UnsafeMutablePointer<Float>
  ) -> (iterations: Int, change: Float) {
    let rows = PooledBuffer<Float>(count: crf.order.count * width)
    let receivers = unsafe cl_receivers(
      rows: rows.base, marginals: marginals, argmax: nil, change: nil)
    unsafe update([], receivers)
    var done = (iterations: 0, change: Float.infinity)
    while done.iterations < maximum, done.change > tolerance {
      done.change = unsafe update(filteredKernels(), receivers, wantsChange: true)
      done.iterations += 1
    }
    return done
  }

  /// The kernels after their lattices blurred the marginals.
  private func filteredKernels() -> [cl_kernel] {
    let lattices = crf.filters.map(\.lattice)
    let width = Int32(width)
    parallelFor(lattices.map(\.vertexCount), grain: 512) { kernel, range in
      // Safe: rows of `width` for every place and every vertex; writes its own vertices.
      unsafe cl_merge(
        views.base + kernel, vertices[kernel].base, sums[kernel].base, width, range.lowerBound,
        range.upperBound)
    }
    for axis in 0...(lattices.map(\.dimension).max() ?? 0) {
      // Safe: a run is changed by the chunk that holds its first vertex, and runs are disjoint.
      parallelFor(lattices.map { $0.runCount(axis) }, grain: 4096) { kernel, range in
        unsafe lattices[kernel].blur(vertices[kernel].base, width, axis, range)
      }
    }
    return unsafe crf.filters.indices.map { index in
      let filter = crf.filters[index]
      let potts: Float = if case .potts(let weight) = filter.compatibility { weight } else { 0 }
      return unsafe cl_kernel(
        lattice: views.base[index], values: vertices[index].base, scale: filter.lattice.scale,
        after: filter.after?.base, ones: filter.ones.base, potts: potts,
        compatibility: compatibilities[index]?.base)
    }
  }

  /// New marginals, given to `receivers` and, unless they are the last, to the lattices.
  ///
  /// Returns the largest change of a marginal in `receivers`' rows, where it is wanted.
  @discardableResult
  private func update(
    _ kernels: [cl_kernel], _ receivers: cl_receivers, isLast: Bool = false,
    wantsChange: Bool = false
  ) -> Float {
    let grain = Int(CL_CHUNK)
    let count = crf.order.count
    var changes = [Float](repeating: 0, count: (count + grain - 1) / grain)
    unsafe changes.withUnsafeMutableBufferPointer { changes in
      unsafe kernels.withUnsafeBufferPointer { kernels in
        unsafe unary.withEnergies { energies, energyRows in
          let field = unsafe cl_field(
            labels: unary.labelCount, width: Int32(width), energies: energies,
            energy_row_count: unary.energies.count / unary.labelCount, energy_rows: energyRows,
            pixels: crf.order.pixels.base, kernels: kernels.baseAddress,
            kernel_count: kernels.count)
          unsafe withUnsafePointer(to: field) { field in
            let scratchCount = unsafe cl_update_scratch(field)
            parallelFor(count, grain: grain) { range in
              let chunk = range.lowerBound / grain
              let scratch = PooledBuffer<Float>(count: scratchCount)
              let rows = PooledBuffer<Float>(count: isLast ? 0 : range.count * width)
              var own = unsafe receivers
              if let all = unsafe own.rows {
                unsafe own.rows = all + range.lowerBound * width
              } else if !isLast {
                unsafe own.rows = rows.base
              }
              if wantsChange { unsafe own.change = changes.baseAddress.map { unsafe $0 + chunk } }
              // Safe: writes the rows of its own points and what their pixels receive.
              unsafe cl_update(field, own, scratch.base, range.lowerBound, range.upperBound)
              if isLast { return }
              for (index, filter) in crf.filters.enumerated() {
                // Safe: writes the sums at the chunk's places.
                unsafe cl_splat(
                  views.base + index, chunk, own.rows, filter.before?.base, Int32(width),
                  sums[index].base)
              }
            }
          }
        }
      }
    }
    return changes.max() ?? 0
  }
}

/// Several loops by one team: `body` gets the loop's index and a chunk of it.
private func parallelFor(
  _ counts: [Int], grain: Int, _ body: (Int, Range<Int>) -> Void
) {
  let chunks = counts.map { ($0 + grain - 1) / grain }
  parallelFor(chunks.reduce(0, +)) { range in
    for index in range {
      var (loop, chunk) = (0, index)
      while chunk >= chunks[loop] {
        chunk -= chunks[loop]
        loop += 1
      }
      body(loop, chunk * grain..<min((chunk + 1) * grain, counts[loop]))
    }
  }
}
