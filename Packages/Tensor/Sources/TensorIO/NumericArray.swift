public import Tensor

/// An array of any kind of number, as files hold them: little-endian, row-major.
///
/// Reading does not convert: a 64-bit index or a half-precision map stays exactly what it was.
public struct NumericArray: Sendable {
  /// The kind of the elements.
  public let type: DataType
  /// The sizes of the axes; none for a scalar.
  public let shape: [Int]
  /// The elements, `type.size` bytes each.
  public let bytes: Bytes

  /// Creates an array over bytes that fit its shape.
  ///
  /// - Precondition: There are exactly as many bytes as type and shape need.
  public init(_ type: DataType, _ shape: [Int], _ bytes: Bytes) {
    check(
      Self.byteCount(type, shape) == bytes.count,
      "NumericArray: \(bytes.count) bytes for \(shape) of \(type)")
    self.type = type
    self.shape = shape
    self.bytes = bytes
  }

  /// The number of elements.
  public var count: Int { shape.reduce(1, *) }

  /// Bytes of an array; `nil` where a size is negative or the number does not fit, also where only
  /// another size of 0 hides that.
  static func byteCount(_ type: DataType, _ shape: [Int]) -> Int? {
    var extent = type.size
    for size in shape {
      let (next, overflow) = extent.multipliedReportingOverflow(by: max(size, 1))
      guard size >= 0, !overflow else { return nil }
      extent = next
    }
    return shape.contains(0) ? 0 : extent
  }

  /// The elements as floats; integers beyond 2^24 and doubles are rounded.
  public var tensor: Tensor {
    let count = count
    return unsafe bytes.withUnsafeBytes { source in
      unsafe Tensor(unsafeUninitialized: Shape(shape)) { out in
        // Safe: the source holds `count` elements of `type`.
        func convert<Element: BitwiseCopyable>(_: Element.Type, _ map: (Element) -> Float) {
          for index in 0..<count {
            unsafe out[index] = map(
              source.loadUnaligned(
                fromByteOffset: index * MemoryLayout<Element>.size, as: Element.self))
          }
        }
        switch type {
        case .float32: convert(UInt32.self) { Float(bitPattern: UInt32(littleEndian: $0)) }
        case .float64:
          convert(UInt64.self) { Float(Double(bitPattern: UInt64(littleEndian: $0))) }
        case .float16: convert(UInt16.self) { Half.float(UInt16(littleEndian: $0)) }
        case .bfloat16:
          convert(UInt16.self) { Float(bitPattern: UInt32(UInt16(littleEndian: $0)) << 16) }
        case .int8: convert(Int8.self) { Float($0) }
        case .uint8: convert(UInt8.self) { Float($0) }
        case .bool: convert(UInt8.self) { $0 == 0 ? 0 : 1 }
        case .int16: convert(Int16.self) { Float(Int16(littleEndian: $0)) }
        case .uint16: convert(UInt16.self) { Float(UInt16(littleEndian: $0)) }
        case .int32: convert(Int32.self) { Float(Int32(littleEndian: $0)) }
        case .uint32: convert(UInt32.self) { Float(UInt32(littleEndian: $0)) }
        case .int64: convert(Int64.self) { Float(Int64(littleEndian: $0)) }
        case .uint64: convert(UInt64.self) { Float(UInt64(littleEndian: $0)) }
        }
      }
    }
  }

  /// The elements as integers, exactly; `nil` for floating-point types and where one does not fit.
  public var integers: [Int]? {
    guard type.isInteger else { return nil }
    var result: [Int] = []
    result.reserveCapacity(count)
    let isSigned = [.int8, .int16, .int32, .int64].contains(type)
    for index in 0..<count {
      guard let raw = bytes.integer(index * type.size, size: type.size) else { return nil }
      if isSigned {
        let shift = 64 - 8 * type.size
        result.append(Int(Int64(bitPattern: raw << shift) >> shift))
      } else {
        guard let value = Int(exactly: raw) else { return nil }
        result.append(value)
      }
    }
    return result
  }
}

extension NumericArray {
  /// A tensor as 32-bit or 16-bit floats, the latter rounded to the nearest.
  ///
  /// - Precondition: `type` is a floating-point type.
  public init(_ tensor: Tensor, as type: DataType = .float32) {
    check(!type.isInteger, "NumericArray: a tensor as \(type), expected a floating-point type")
    let count = tensor.count
    let bytes = unsafe Bytes(copying: count * type.size) { out in
      unsafe tensor.withUnsafeScalars { source in
        // Safe: `out` holds `count` elements of `type`.
        for index in 0..<count {
          let value = unsafe source[index]
          switch type {
          case .float16:
            unsafe out.storeBytes(
              of: Half.bits(value).littleEndian, toByteOffset: index * 2, as: UInt16.self)
          case .bfloat16:
            unsafe out.storeBytes(
              of: Half.brainBits(value).littleEndian, toByteOffset: index * 2, as: UInt16.self)
          case .float64:
            unsafe out.storeBytes(
              of: Double(value).bitPattern.littleEndian, toByteOffset: index * 8, as: UInt64.self)
          default:
            unsafe out.storeBytes(
              of: value.bitPattern.littleEndian, toByteOffset: index * 4, as: UInt32.self)
          }
        }
      }
    }
    self.init(type, tensor.shape.dimensions, bytes)
  }

  /// Integers of a type.
  ///
  /// - Precondition: `type` is an integer type that holds every value.
  public init(integers: [Int], shape: [Int], as type: DataType = .int64) {
    check(
      type.isInteger && integers.count == shape.reduce(1, *),
      "NumericArray: \(integers.count) integers for \(shape) of \(type)")
    var bytes: [UInt8] = []
    bytes.reserveCapacity(integers.count * type.size)
    for value in integers {
      check(type.holds(value), "NumericArray: \(value) does not fit \(type)")
      for byte in 0..<type.size { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * byte))) }
    }
    self.init(type, shape, Bytes(bytes))
  }
}

extension DataType {
  fileprivate func holds(_ value: Int) -> Bool {
    switch self {
    case .bool: value == 0 || value == 1
    case .int8: Int8(exactly: value) != nil
    case .int16: Int16(exactly: value) != nil
    case .int32: Int32(exactly: value) != nil
    case .uint8: UInt8(exactly: value) != nil
    case .uint16: UInt16(exactly: value) != nil
    case .uint32: UInt32(exactly: value) != nil
    case .uint64: value >= 0
    default: true
    }
  }
}
