internal import CKernels

/// A part of an axis, as Python's `start:stop:step`.
public struct AxisRange: Sendable, Hashable {
  /// The first index; negative ones count from the end.
  public let start: Int
  /// One past the last index, negative from the end; `nil` means the end.
  public let stop: Int?
  /// The distance of two indices, 1 or more.
  public let step: Int

  /// Creates a part of an axis.
  public init(start: Int = 0, stop: Int? = nil, step: Int = 1) {
    check(step >= 1, "AxisRange: step \(step), expected 1 or more")
    self.start = start
    self.stop = stop
    self.step = step
  }

  /// Indices `range`.
  public init(_ range: Range<Int>) { self.init(start: range.lowerBound, stop: range.upperBound) }

  /// The whole axis.
  public static let all = AxisRange()

  /// The first index and the number of indices on an axis of a size; Python's clamping.
  func resolved(_ size: Int) -> (first: Int, count: Int) {
    func bound(_ index: Int) -> Int {
      Swift.min(Swift.max(index < 0 ? index + size : index, 0), size)
    }
    let (first, end) = (bound(start), stop.map(bound) ?? size)
    return (first, Swift.max((end - first + step - 1) / step, 0))
  }
}

/// Parts, mirrored and repeated; each with its adjoint.
extension Tensor {
  /// A part of each axis; axes not named are taken whole.
  public func sliced(_ ranges: [AxisRange]) -> Tensor {
    let region = region(ranges)
    let part = Tensor(uninitialized: region.shape)
    part.fill(from: self, region.walk)
    return part
  }

  /// Indices `range` of one axis.
  public func sliced(_ range: Range<Int>, axis: Int) -> Tensor {
    let axis = shape.axis(axis, "sliced")
    check(
      range.lowerBound >= 0 && range.upperBound <= shape[axis],
      "sliced: \(range) of axis \(axis) of \(shape)")
    return sliced((0..<rank).map { $0 == axis ? AxisRange(range) : .all })
  }

  /// The adjoint of `sliced`: `self` at its place in zeros of `shape`.
  public func unsliced(_ ranges: [AxisRange], to shape: Shape) -> Tensor {
    var whole = Tensor.zeros(shape)
    let region = whole.region(ranges)
    check(
      region.shape == self.shape,
      "unsliced: \(self.shape) for the part \(region.shape) of \(shape)")
    whole.scatter(self, region.walk)
    return whole
  }

  /// Axes in reverse.
  public func flipped(_ axes: [Int]) -> Tensor {
    let flipped = Set(axes.map { shape.axis($0, "flipped") })
    let strides = shape.strides
    var offset = 0
    let walked = (0..<rank).map { axis in
      guard flipped.contains(axis) else { return strides[axis] }
      offset += (shape[axis] - 1) * strides[axis]
      return -strides[axis]
    }
    let result = Tensor(uninitialized: shape)
    result.fill(from: self, Walk(shape.dimensions, walked, offset: offset))
    return result
  }

  /// The tensor repeated along each axis, as `numpy.tile`.
  ///
  /// - Precondition: One count of 1 or more for each axis.
  public func tiled(_ counts: [Int]) -> Tensor {
    check(
      counts.count == rank && counts.allSatisfy { $0 >= 1 }, "tiled: \(counts) for shape \(shape)")
    // Axis i becomes two: the repetition, which does not move, and the axis itself.
    let strides = shape.strides
    let result = Tensor(uninitialized: Shape(zip(shape, counts).map { $0 * $1 }))
    var sizes: [Int] = []
    var walked: [Int] = []
    for axis in 0..<rank {
      if counts[axis] > 1 {
        sizes.append(counts[axis])
        walked.append(0)
      }
      sizes.append(shape[axis])
      walked.append(strides[axis])
    }
    result.fill(from: self, Walk(sizes, walked, offset: 0))
    return result
  }

  private func region(_ ranges: [AxisRange]) -> (shape: Shape, walk: Walk) {
    check(ranges.count <= rank, "sliced: \(ranges.count) ranges for shape \(shape)")
    let strides = shape.strides
    var offset = 0
    var sizes: [Int] = []
    var walked: [Int] = []
    for axis in 0..<rank {
      let range = axis < ranges.count ? ranges[axis] : .all
      let (first, count) = range.resolved(shape[axis])
      offset += first * strides[axis]
      sizes.append(count)
      walked.append(strides[axis] * range.step)
    }
    return (Shape(sizes), Walk(sizes, walked, offset: offset))
  }

  /// Adds `part` where a walk leads that visits no element twice.
  private mutating func scatter(_ part: Tensor, _ walk: Walk) {
    guard part.count > 0 else { return }
    makeUnique()
    let target = storage
    unsafe withUnsafePointer(to: walk.plan) { plan in
      parallelFor(part.count / walk.rowLength, grain: rowGrain(walk.rowLength)) { range in
        // Safe: the walk stays in the target, and its rows do not overlap.
        unsafe ck_scatter_walk(
          plan, target.floats, part.storage.floats, range.lowerBound, range.upperBound)
      }
    }
    withExtendedLifetime(part) {}
  }
}
