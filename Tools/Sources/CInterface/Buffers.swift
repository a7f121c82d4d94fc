internal import Tensor

/// The most elements of a buffer: 32-bit positions index its rows, and products cannot overflow.
private let largestSize = Int64(1) << 40

/// The product of sizes that are each `least` or more.
func elements(_ name: String, _ sizes: [Int64], atLeast least: Int64 = 1) throws -> Int {
  var product: Int64 = 1
  for size in sizes {
    try expect(
      size >= least && size <= largestSize && product * max(size, 1) <= largestSize,
      "\(name): sizes \(sizes), expected \(least) or more each")
    product *= size
  }
  return Int(product)
}

/// A copy of a caller's floats.
func tensor(_ name: String, _ values: UnsafePointer<Float>?, _ sizes: [Int64]) throws -> Tensor {
  let count = try elements(name, sizes, atLeast: 0)
  guard count > 0 else { return .zeros(Shape(sizes.map { Int($0) })) }
  guard let values = unsafe values else { throw ArgumentError("\(name) is NULL") }
  return unsafe Tensor(unsafeUninitialized: Shape(sizes.map { Int($0) })) { out in
    // Safe: the caller's buffer holds as many elements as its sizes say.
    _ = unsafe out.initialize(
      fromContentsOf: UnsafeBufferPointer(start: values, count: count))
  }
}

/// A copy of a caller's numbers of another kind.
func array<Element>(
  _ name: String, _ values: UnsafePointer<Element>?, _ count: Int
) throws -> [Element] {
  guard count > 0 else { return [] }
  guard let values = unsafe values else { throw ArgumentError("\(name) is NULL") }
  // Safe: the caller's buffer holds `count` elements.
  return unsafe Array(UnsafeBufferPointer(start: values, count: count))
}

/// Copies a result into a caller's buffer, if there is one.
func copy(_ values: Tensor, to buffer: UnsafeMutablePointer<Float>?) {
  guard let buffer = unsafe buffer else { return }
  unsafe values.withUnsafeScalars { source in
    // Safe: the caller's buffer holds what the header says.
    guard let from = source.baseAddress else { return }
    unsafe buffer.update(from: from, count: values.count)
  }
}
