/// Tensors as parts of storages, by offset, sizes and strides.
struct StridedViews {
  /// Bytes copied so far: views of one storage may be many.
  private var copied = 0

  /// A view of a flat array; not copied where it is contiguous.
  mutating func view(
    of storage: NumericArray, _ offset: Int, _ shape: [Int], _ strides: [Int]
  ) throws(FormatError) -> NumericArray {
    let type = storage.type
    guard shape.count == strides.count, offset >= 0,
      let size = NumericArray.byteCount(type, shape)
    else { throw FormatError("has a tensor of the impossible shape \(shape)") }
    guard let last = Self.lastElement(offset, shape, strides), last < storage.count || size == 0
    else { throw FormatError("has a tensor \(shape) that reaches beyond its storage") }
    if size == 0 { return NumericArray(type, shape, Bytes([])) }
    if Self.isContiguous(shape, strides),
      let part = storage.bytes.slice(offset * type.size, size)
    {
      return NumericArray(type, shape, part)
    }
    // A stride of 0 makes much of little: such tensors may be a few times as large as the file.
    copied += size
    guard copied <= max(storage.bytes.count * 16, 1 << 24) else {
      throw FormatError("has strided tensors of \(copied) bytes, far more than it holds")
    }
    return copy(storage, offset, shape, strides, size)
  }

  /// The position of the last element; `nil` where it does not fit a number.
  private static func lastElement(_ offset: Int, _ shape: [Int], _ strides: [Int]) -> Int? {
    var last = offset
    for (size, stride) in zip(shape, strides) where size > 0 {
      let (step, overflow) = (size - 1).multipliedReportingOverflow(by: stride)
      let (sum, carry) = last.addingReportingOverflow(step)
      guard !overflow, !carry else { return nil }
      last = sum
    }
    return last
  }

  private static func isContiguous(_ shape: [Int], _ strides: [Int]) -> Bool {
    var expected = 1
    for (size, stride) in zip(shape, strides).reversed() where size != 1 {
      guard stride == expected else { return false }
      expected *= size
    }
    return true
  }

  private func copy(
    _ storage: NumericArray, _ offset: Int, _ shape: [Int], _ strides: [Int], _ size: Int
  ) -> NumericArray {
    let width = storage.type.size
    var result: [UInt8] = []
    result.reserveCapacity(size)
    var position = [Int](repeating: 0, count: shape.count)
    var element = offset
    for _ in 0..<size / width {
      for byte in 0..<width { result.append(storage.bytes[element * width + byte]) }
      for axis in shape.indices.reversed() {
        position[axis] += 1
        element += strides[axis]
        if position[axis] < shape[axis] { break }
        element -= strides[axis] * shape[axis]
        position[axis] = 0
      }
    }
    return NumericArray(storage.type, shape, Bytes(result))
  }
}
