/// What `numpy.save` writes of an object: arrays, scalars and their element types; and tensors of
/// PyTorch, which IRN puts beside them.
struct NumPyResolver: PickleResolver {
  private var views = StridedViews()

  func allows(_ name: String) -> Bool {
    [
      "numpy.ndarray", "numpy.dtype", "_codecs.encode", "collections.OrderedDict",
      "numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct",
      "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar",
      "torch._utils._rebuild_tensor_v2", "torch.storage._load_from_bytes",
    ].contains(name)
  }

  mutating func call(
    _ name: String, _ arguments: [Pickle.Value], _ pickle: inout Pickle
  ) throws(FormatError) -> Pickle.Value {
    switch name {
    case "numpy.dtype":
      guard let code = arguments.first?.string else { break }
      return pickle.opaque("dtype", [.string(code)])
    case "numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct":
      return pickle.opaque("array", [])
    case "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar":
      guard arguments.count == 2, case .bytes(let bytes) = arguments[1] else { break }
      return .array(try Self.array([], arguments[0], bytes, pickle))
    case "_codecs.encode":
      // How protocol 2 writes bytes: text of the characters 0 to 255.
      guard let text = arguments.first?.string else { break }
      var bytes: [UInt8] = []
      for scalar in text.unicodeScalars {
        guard let byte = UInt8(exactly: scalar.value) else {
          throw FormatError("has bytes with the character \(scalar)")
        }
        bytes.append(byte)
      }
      return .bytes(Bytes(bytes))
    case "torch.storage._load_from_bytes":
      guard case .bytes(let bytes)? = arguments.first else { break }
      return .array(try TorchFile.storage(bytes))
    case "torch._utils._rebuild_tensor_v2":
      guard arguments.count >= 4, case .array(let storage) = arguments[0],
        let offset = arguments[1].integer
      else { break }
      return .array(
        try views.view(
          of: storage, offset, try TorchResolver.sizes(arguments[2], pickle),
          try TorchResolver.sizes(arguments[3], pickle)))
    case "collections.OrderedDict": return pickle.emptyDictionary()
    default: break
    }
    throw FormatError("calls '\(name)' with arguments that do not fit it")
  }

  func persistent(
    _ id: Pickle.Value, _ pickle: inout Pickle
  ) throws(FormatError) -> Pickle.Value {
    throw FormatError("refers to data outside of the pickle")
  }

  func build(
    _ value: Pickle.Value, _ state: Pickle.Value, _ pickle: inout Pickle
  ) throws(FormatError) -> Pickle.Value {
    let parts = pickle.items(of: state)
    switch value {
    case .opaque("dtype", let index):
      // (version, byte order, ...): only the order matters for plain numbers.
      guard parts.count >= 2, let order = parts[1].string else {
        throw FormatError("sets an element type to a state that is none")
      }
      pickle.arena[index] += [.string(order)]
      return value
    case .opaque("array", let index):
      // (version, shape, dtype, is Fortran order, data)
      guard parts.count == 5, case .boolean(let isFortran) = parts[3] else {
        throw FormatError("sets an array to a state that is none")
      }
      let shape = try Self.shape(parts[1], pickle)
      if case .bytes(let bytes) = parts[4] {
        let stored = try Self.array(isFortran ? shape.reversed() : shape, parts[2], bytes, pickle)
        let array = isFortran ? stored.reversingAxes() : stored
        // Earlier references to the array were stored while it was empty.
        pickle.arena[index] = [.array(array)]
        return .array(array)
      }
      // An array of objects: its elements.
      pickle.arena[index] = pickle.items(of: parts[4])
      return .opaque("object array", index)
    default: throw FormatError("sets the state of a value that has none")
    }
  }

  private static func shape(
    _ value: Pickle.Value, _ pickle: Pickle
  ) throws(FormatError) -> [Int] {
    var shape: [Int] = []
    for item in pickle.items(of: value) {
      guard let size = item.integer, size >= 0 else {
        throw FormatError("has an array with a size that is no number")
      }
      shape.append(size)
    }
    return shape
  }

  private static func array(
    _ shape: [Int], _ dtype: Pickle.Value, _ bytes: Bytes, _ pickle: Pickle
  ) throws(FormatError) -> NumericArray {
    guard case .opaque("dtype", let index) = dtype, let code = pickle.arena[index].first?.string
    else { throw FormatError("has an array without an element type") }
    let order = pickle.arena[index].dropFirst().first?.string ?? "<"
    guard let (type, isBigEndian) = NPYHeader.types["\(order)\(code)"], !isBigEndian else {
      throw FormatError("has an array of '\(order)\(code)', which is not read")
    }
    guard NumericArray.byteCount(type, shape) == bytes.count else {
      throw FormatError("has an array \(shape) of \(type) with \(bytes.count) bytes")
    }
    return NumericArray(type, shape, bytes)
  }
}

extension Pickle {
  mutating func opaque(_ kind: String, _ parts: [Value]) -> Value {
    arena.append(parts)
    return .opaque(kind, arena.count - 1)
  }

  mutating func emptyDictionary() -> Value {
    arena.append([])
    return .dictionary(arena.count - 1)
  }
}
