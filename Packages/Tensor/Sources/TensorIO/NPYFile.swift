/// NumPy's `.npy`: one array. Versions 1 to 3, either byte order, C and Fortran order.
///
/// Format: numpy.lib.format. Arrays of Python objects are read by the restricted unpickler, through
/// `readObject`.
public enum NPYFile {
  /// Reads an array; the file is mapped, elements in C order and little-endian are not copied.
  ///
  /// - Throws: `TensorIOError` naming the file and what is wrong with it.
  public static func read(_ path: String) throws(TensorIOError) -> NumericArray {
    let bytes = try Bytes(mapping: path)
    return try FormatError.naming(path) { () throws(FormatError) in try decode(bytes) }
  }

  /// Whether a file holds Python objects, which `readObject` reads, and not numbers.
  ///
  /// - Throws: `TensorIOError` where it cannot be read or is no `.npy` file.
  public static func holdsObject(_ path: String) throws(TensorIOError) -> Bool {
    let bytes = try Bytes(mapping: path)
    return try FormatError.naming(path) { () throws(FormatError) in
      try NPYHeader(bytes).holdsObject
    }
  }

  /// Reads a file that `numpy.save` wrote from a Python object such as a dictionary of arrays.
  ///
  /// - Throws: `TensorIOError`, also where the object holds anything but arrays and plain
  ///   containers.
  public static func readObject(_ path: String) throws(TensorIOError) -> Pickle {
    let bytes = try Bytes(mapping: path)
    return try FormatError.naming(path) { () throws(FormatError) in
      let header = try NPYHeader(bytes)
      guard header.holdsObject else {
        throw FormatError("holds an array of '\(header.descriptor)', expected objects ('|O')")
      }
      guard let body = bytes.slice(header.length, bytes.count - header.length) else {
        throw FormatError("ends within its header")
      }
      var unpickler = Unpickler(body, resolver: NumPyResolver())
      return try unpickler.run().unwrappingScalarArray
    }
  }

  /// Writes an array.
  ///
  /// - Throws: `TensorIOError` where the file cannot be written; nothing is left behind then.
  public static func write(_ array: NumericArray, to path: String) throws(TensorIOError) {
    try AtomicFile.write(path, [encodedHeader(array), array.bytes])
  }

  /// An array from the bytes of a whole file.
  static func decode(_ bytes: Bytes) throws(FormatError) -> NumericArray {
    let header = try NPYHeader(bytes)
    guard let (type, isBigEndian) = NPYHeader.types[header.descriptor] else {
      throw FormatError("holds '\(header.descriptor)', which is not a supported kind of number")
    }
    guard let size = NumericArray.byteCount(type, header.shape) else {
      throw FormatError("claims the impossible shape \(header.shape)")
    }
    guard let body = bytes.slice(header.length, size) else {
      throw FormatError(
        "claims shape \(header.shape) of \(type), \(size) bytes, but holds "
          + "\(bytes.count - header.length)")
    }
    let shape = header.isFortranOrder ? header.shape.reversed() : header.shape
    let array = NumericArray(type, shape, isBigEndian ? body.swapped(by: type.size) : body)
    return header.isFortranOrder ? array.reversingAxes() : array
  }

  static func encodedHeader(_ array: NumericArray) throws(TensorIOError) -> Bytes {
    guard let descriptor = NPYHeader.descriptor(array.type) else {
      throw TensorIOError("npy", "has no \(array.type)", isInputOutput: false)
    }
    let sizes = array.shape.map(String.init).joined(separator: ", ")
    let tuple = array.shape.count == 1 ? "(\(sizes),)" : "(\(sizes))"
    var text = "{'descr': '\(descriptor)', 'fortran_order': False, 'shape': \(tuple), }"
    // The header ends in a newline at a multiple of 64 bytes.
    let used = NPYHeader.magic.count + 4 + text.utf8.count + 1
    text += String(repeating: " ", count: (64 - used % 64) % 64) + "\n"
    let length = text.utf8.count
    return Bytes(
      NPYHeader.magic + [1, 0, UInt8(length & 255), UInt8(length >> 8)] + Array(text.utf8))
  }
}

extension Bytes {
  /// The bytes of each element in reverse order.
  fileprivate func swapped(by size: Int) -> Bytes {
    guard size > 1 else { return self }
    let array = array
    return Bytes(array.indices.map { array[$0 / size * size + (size - 1 - $0 % size)] })
  }
}

extension NumericArray {
  /// The array with its axes in reverse order.
  func reversingAxes() -> NumericArray {
    let source = bytes.array
    let size = type.size
    let result = Array(shape.reversed())
    guard shape.count > 1, count > 0 else { return NumericArray(type, result, bytes) }
    // The stride of each axis of the result in the source.
    var strides = [Int](repeating: size, count: shape.count)
    for axis in stride(from: shape.count - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] * shape[axis + 1]
    }
    strides.reverse()
    var moved: [UInt8] = []
    moved.reserveCapacity(source.count)
    var position = [Int](repeating: 0, count: result.count)
    var offset = 0
    for _ in 0..<count {
      moved += source[offset..<offset + size]
      for axis in result.indices.reversed() {
        position[axis] += 1
        offset += strides[axis]
        if position[axis] < result[axis] { break }
        offset -= strides[axis] * result[axis]
        position[axis] = 0
      }
    }
    return NumericArray(type, result, Bytes(moved))
  }
}
