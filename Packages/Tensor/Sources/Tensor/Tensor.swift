/// A dense, row-major array of `Float`, `[N, H, W, C]` for a batch of images.
///
/// A value: copies share memory until one of them is changed. Always contiguous, so a pixel's
/// channels are neighbours and a reshape is free.
public struct Tensor: Sendable {
  /// The sizes of the axes.
  public let shape: Shape
  @usableFromInline var storage: Storage

  @usableFromInline
  init(shape: Shape, storage: Storage) {
    self.shape = shape
    self.storage = storage
  }

  /// Creates a tensor whose elements `body` must all set; it gets uninitialised memory.
  ///
  /// - Parameters:
  ///   - shape: The sizes of the axes.
  ///   - body: Receives the `shape.elementCount` elements, row-major.
  /// - Throws: What `body` throws.
  @inlinable
  public init<Failure: Error>(
    unsafeUninitialized shape: Shape,
    _ body: (UnsafeMutableBufferPointer<Float>) throws(Failure) -> Void
  ) throws(Failure) {
    self.init(uninitialized: shape)
    // Safe: the block holds `elementCount` floats and nothing else refers to it yet.
    let start = unsafe storage.base.assumingMemoryBound(to: Float.self)
    try unsafe body(UnsafeMutableBufferPointer(start: start, count: shape.elementCount))
  }

  @usableFromInline
  init(uninitialized shape: Shape) {
    self.init(
      shape: shape, storage: Storage(byteCount: shape.elementCount * MemoryLayout<Float>.stride))
  }

  /// Creates a tensor from its elements, row-major.
  ///
  /// - Precondition: `scalars.count == shape.elementCount`.
  public init(_ scalars: [Float], shape: Shape) {
    check(
      scalars.count == shape.elementCount,
      "Tensor: \(scalars.count) scalars for shape \(shape), which holds \(shape.elementCount)")
    unsafe self.init(unsafeUninitialized: shape) { buffer in
      _ = unsafe buffer.initialize(fromContentsOf: scalars)
    }
  }

  /// Creates a vector from its elements.
  public init(_ scalars: [Float]) { self.init(scalars, shape: [scalars.count]) }

  /// Creates a scalar: a tensor without axes.
  public init(_ scalar: Float) { self.init([scalar], shape: []) }

  /// Creates a tensor with all elements equal.
  public init(repeating value: Float, shape: Shape) {
    unsafe self.init(unsafeUninitialized: shape) { buffer in
      unsafe buffer.initialize(repeating: value)
    }
  }

  /// A tensor of zeros.
  public static func zeros(_ shape: Shape) -> Tensor { Tensor(repeating: 0, shape: shape) }

  /// A tensor of ones.
  public static func ones(_ shape: Shape) -> Tensor { Tensor(repeating: 1, shape: shape) }

  /// The number of elements.
  public var count: Int { shape.elementCount }

  /// The number of axes.
  public var rank: Int { shape.rank }

  /// The elements, row-major, as an array of their own.
  public var scalars: [Float] {
    unsafe withUnsafeScalars { unsafe Array($0) }
  }

  /// The only element.
  ///
  /// - Precondition: The tensor has one element.
  public var scalar: Float {
    check(count == 1, "scalar: a tensor of shape \(shape) has \(count) elements")
    return unsafe withUnsafeScalars { unsafe $0[0] }
  }

  /// One element; for tests and debugging, not for loops over pixels.
  ///
  /// - Precondition: As many indices as axes, each in range.
  public subscript(indices: Int...) -> Float {
    get {
      let offset = shape.offset(of: indices)
      return unsafe withUnsafeScalars { unsafe $0[offset] }
    }
    set {
      let offset = shape.offset(of: indices)
      unsafe withUnsafeMutableScalars { unsafe $0[offset] = newValue }
    }
  }

  /// The same elements under another shape; shares memory. One size may be -1: it is worked out.
  ///
  /// - Precondition: The number of elements stays the same.
  public func reshaped(_ sizes: Int...) -> Tensor { reshaped(sizes) }

  /// The same elements under another shape; shares memory. One size may be -1.
  ///
  /// - Precondition: The number of elements stays the same.
  public func reshaped(_ sizes: [Int]) -> Tensor {
    var sizes = sizes
    if let unknown = sizes.firstIndex(of: -1) {
      sizes[unknown] = 1
      let known = sizes.reduce(1, *)
      check(
        known > 0 && count % known == 0, "reshaped: \(shape) does not divide into \(sizes)")
      sizes[unknown] = count / known
    }
    return reshaped(to: Shape(sizes))
  }

  /// The same elements under another shape; shares memory.
  ///
  /// - Precondition: `newShape.elementCount == count`.
  public func reshaped(to newShape: Shape) -> Tensor {
    check(
      newShape.elementCount == count,
      "reshaped: \(shape) has \(count) elements, \(newShape) has \(newShape.elementCount)")
    return Tensor(shape: newShape, storage: storage)
  }
}

extension Tensor {
  /// Calls `body` with the elements, row-major.
  @inlinable
  public func withScalars<Result, Failure: Error>(
    _ body: (Span<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // Safe: `self` keeps the storage alive and unchanged during the call.
    let start = unsafe UnsafePointer(storage.base.assumingMemoryBound(to: Float.self))
    defer { withExtendedLifetime(self) {} }
    return try body(unsafe Span(_unsafeStart: start, count: count))
  }

  /// Calls `body` with the elements to change, after making memory of its own where it is shared.
  @inlinable
  public mutating func withMutableScalars<Result, Failure: Error>(
    _ body: (inout MutableSpan<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    makeUnique()
    // Safe: the storage is uniquely referenced and `self` is held exclusively during the call.
    let start = unsafe storage.base.assumingMemoryBound(to: Float.self)
    defer { withExtendedLifetime(self) {} }
    var span = unsafe MutableSpan(_unsafeStart: start, count: count)
    return try body(&span)
  }

  /// Calls `body` with the elements as a buffer, for C kernels and parallel loops.
  ///
  /// The buffer must not leave `body`.
  @inlinable
  public func withUnsafeScalars<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // Safe: `self` keeps the storage alive and unchanged during the call.
    let start = unsafe UnsafePointer(storage.base.assumingMemoryBound(to: Float.self))
    defer { withExtendedLifetime(self) {} }
    return try unsafe body(UnsafeBufferPointer(start: start, count: count))
  }

  /// Calls `body` with the elements to change as a buffer, for C kernels and parallel loops.
  ///
  /// Makes memory of its own first where it is shared. The buffer must not leave `body`.
  @inlinable
  public mutating func withUnsafeMutableScalars<Result, Failure: Error>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    makeUnique()
    // Safe: the storage is uniquely referenced and `self` is held exclusively during the call.
    let start = unsafe storage.base.assumingMemoryBound(to: Float.self)
    defer { withExtendedLifetime(self) {} }
    return try unsafe body(UnsafeMutableBufferPointer(start: start, count: count))
  }

  @usableFromInline
  mutating func makeUnique() {
    if isKnownUniquelyReferenced(&storage) {
      storage.willChange()
    } else {
      storage = storage.copy(byteCount: count * MemoryLayout<Float>.stride)
    }
  }
}

extension Tensor: Equatable {
  /// Whether shapes and all elements are equal; as for `Float`, NaN equals nothing.
  public static func == (lhs: Tensor, rhs: Tensor) -> Bool {
    guard lhs.shape == rhs.shape else { return false }
    return unsafe lhs.withUnsafeScalars { left in
      unsafe rhs.withUnsafeScalars { right in unsafe left.elementsEqual(right) }
    }
  }
}
