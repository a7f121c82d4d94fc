/// A dense, row-major array of 32-bit integers: positions, orders, counts.
public struct IndexTensor: Hashable, Sendable {
  /// The sizes of the axes.
  public let shape: Shape

  /// The elements, row-major; their number stays `shape.elementCount`.
  @inlinable public var indices: [Int32] {
    get { elements }
    // In place: a setter would copy the array for every element changed from another module.
    _modify {
      defer {
        check(
          elements.count == shape.elementCount,
          "IndexTensor: \(elements.count) indices for shape \(shape)")
      }
      yield &elements
    }
  }

  @usableFromInline var elements: [Int32]

  /// Creates an index tensor from its elements, row-major.
  ///
  /// - Precondition: `indices.count == shape.elementCount`.
  public init(_ indices: [Int32], shape: Shape) {
    check(
      indices.count == shape.elementCount,
      "IndexTensor: \(indices.count) indices for shape \(shape), "
        + "which holds \(shape.elementCount)")
    self.shape = shape
    elements = indices
  }

  /// Creates a vector of indices.
  public init(_ indices: [Int32]) { self.init(indices, shape: [indices.count]) }

  /// The number of elements.
  public var count: Int { indices.count }

  /// One element; for tests and debugging, not for loops over pixels.
  ///
  /// - Precondition: As many indices as axes, each in range.
  public subscript(indices: Int...) -> Int32 {
    get { elements[shape.offset(of: indices)] }
    set { elements[shape.offset(of: indices)] = newValue }
  }
}
