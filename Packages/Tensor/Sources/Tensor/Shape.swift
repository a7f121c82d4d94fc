/// The sizes of a tensor's axes, outermost first; `[N, H, W, C]` for a batch of images.
///
/// A shape without axes is that of a scalar: its `elementCount` is 1.
public struct Shape: Hashable, Sendable {
  /// The size of each axis; every size is 0 or more.
  public let dimensions: [Int]

  /// The number of elements: the product of the sizes.
  public let elementCount: Int

  /// Creates a shape from sizes.
  ///
  /// - Precondition: No size is negative and their product fits in `Int`.
  public init(_ dimensions: [Int]) {
    var product = 1
    for size in dimensions {
      check(size >= 0, "shape \(dimensions): negative size")
      let (next, overflow) = product.multipliedReportingOverflow(by: size)
      check(!overflow, "shape \(dimensions): too many elements")
      product = next
    }
    self.dimensions = dimensions
    self.elementCount = product
  }

  /// The number of axes.
  public var rank: Int { dimensions.count }

  /// The row-major distance between neighbours along each axis, in elements.
  public var strides: [Int] {
    var strides = [Int](repeating: 1, count: rank)
    for axis in stride(from: rank - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] * dimensions[axis + 1]
    }
    return strides
  }

  /// The index of an axis given as in Python: -1 is the last axis.
  ///
  /// - Precondition: `-rank <= axis < rank`.
  public func axis(_ axis: Int, _ operation: @autoclosure () -> String = "axis") -> Int {
    check(axis >= -rank && axis < rank, "\(operation()): axis \(axis) out of range for \(self)")
    return axis < 0 ? axis + rank : axis
  }

  /// The shape with one axis' size replaced.
  public func replacing(axis: Int, with size: Int) -> Shape {
    var copy = dimensions
    copy[self.axis(axis)] = size
    return Shape(copy)
  }

  /// The row-major position of an element.
  ///
  /// - Precondition: As many indices as axes, each in range.
  func offset(of indices: [Int]) -> Int {
    check(indices.count == rank, "subscript: \(indices.count) indices for shape \(self)")
    var offset = 0
    for (index, size) in zip(indices, dimensions) {
      check(index >= 0 && index < size, "subscript: \(indices) out of range for shape \(self)")
      offset = offset * size + index
    }
    return offset
  }

  /// The shape both operands take in an elementwise operation, or `nil` where they do not agree.
  ///
  /// NumPy's rule: axes are matched from the last; equal sizes agree, and size 1 stretches.
  public func broadcast(with other: Shape) -> Shape? {
    if self == other { return self }
    let rank = Swift.max(rank, other.rank)
    var result = [Int](repeating: 1, count: rank)
    for offset in 1...Swift.max(rank, 1) where rank > 0 {
      let a = offset <= self.rank ? dimensions[self.rank - offset] : 1
      let b = offset <= other.rank ? other.dimensions[other.rank - offset] : 1
      guard a == b || a == 1 || b == 1 else { return nil }
      result[rank - offset] = a == 1 ? b : a
    }
    return Shape(result)
  }
}

extension Shape: RandomAccessCollection {
  /// The first axis' index, 0.
  public var startIndex: Int { 0 }
  /// One past the last axis' index.
  public var endIndex: Int { dimensions.count }
  /// The size of an axis; negative positions count from the last axis, as in Python.
  public subscript(axis: Int) -> Int { dimensions[axis < 0 ? axis + dimensions.count : axis] }
}

extension Shape: ExpressibleByArrayLiteral {
  /// Creates a shape from a literal such as `[2, 32, 32, 3]`.
  public init(arrayLiteral elements: Int...) { self.init(elements) }
}

extension Shape: CustomStringConvertible {
  /// The sizes in brackets: `[2, 32, 32, 3]`.
  public var description: String { dimensions.description }
}
