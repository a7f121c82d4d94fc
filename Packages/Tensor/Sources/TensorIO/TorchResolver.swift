/// What `torch.save` writes of tensors: storages, and views of them.
struct TorchResolver: PickleResolver {
  typealias Load = (String) throws(FormatError) -> Bytes

  private let load: Load?
  private var storages: [String: Bytes] = [:]
  /// Elements of each storage referred to.
  private(set) var storageSizes: [String: (type: DataType, count: Int)] = [:]
  private var views = StridedViews()

  init(load: @escaping Load) { self.load = load }

  /// Reads no data: tensors become `none`.
  init(scanning: Void) { load = nil }

  private static let types: [String: DataType] = [
    "torch.FloatStorage": .float32, "torch.DoubleStorage": .float64,
    "torch.HalfStorage": .float16, "torch.BFloat16Storage": .bfloat16,
    "torch.LongStorage": .int64, "torch.IntStorage": .int32, "torch.ShortStorage": .int16,
    "torch.CharStorage": .int8, "torch.ByteStorage": .uint8, "torch.BoolStorage": .bool,
    "torch.storage.UntypedStorage": .uint8,
  ]

  private static let functions: Set<String> = [
    "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2",
    "torch._utils._rebuild_parameter", "torch.nn.parameter.Parameter", "torch.Size",
    "collections.OrderedDict", "_codecs.encode",
  ]

  func allows(_ name: String) -> Bool { Self.types[name] != nil || Self.functions.contains(name) }

  mutating func call(
    _ name: String, _ arguments: [Pickle.Value], _ pickle: inout Pickle
  ) throws(FormatError) -> Pickle.Value {
    switch name {
    case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2":
      guard arguments.count >= 4, let offset = arguments[1].integer else { break }
      return try tensor(
        arguments[0], offset, Self.sizes(arguments[2], pickle), Self.sizes(arguments[3], pickle),
        pickle)
    case "torch._utils._rebuild_parameter", "torch.nn.parameter.Parameter":
      guard let value = arguments.first else { break }
      return value
    case "torch.Size":
      guard let sizes = arguments.first else { break }
      return sizes
    case "collections.OrderedDict":
      let result = pickle.emptyDictionary()
      guard let pairs = arguments.first, case .dictionary(let index) = result else {
        return result
      }
      for pair in pickle.items(of: pairs) {
        let parts = pickle.items(of: pair)
        guard parts.count == 2 else { throw FormatError("makes a dictionary of no pairs") }
        pickle.arena[index] += parts
      }
      return result
    case "_codecs.encode": return arguments.first ?? .none
    default: break
    }
    throw FormatError("calls '\(name)' with arguments that do not fit it")
  }

  static func sizes(
    _ value: Pickle.Value, _ pickle: Pickle
  ) throws(FormatError) -> [Int] {
    var sizes: [Int] = []
    for item in pickle.items(of: value) {
      guard let size = item.integer, size >= 0 else {
        throw FormatError("has a tensor with a size or stride that is none")
      }
      sizes.append(size)
    }
    return sizes
  }

  /// ("storage", type, key, location, elements[, view])
  mutating func persistent(
    _ id: Pickle.Value, _ pickle: inout Pickle
  ) throws(FormatError) -> Pickle.Value {
    let parts = pickle.items(of: id)
    guard parts.count >= 5, parts[0].string == "storage", case .callable(let name) = parts[1],
      let type = Self.types[name], let key = parts[2].string, let count = parts[4].integer,
      count >= 0
    else { throw FormatError("refers to something that is no storage") }
    if parts.count > 5, case .none = parts[5] {
    } else if parts.count > 5 {
      throw FormatError("refers to a view of the storage '\(key)', an old form that is not read")
    }
    storageSizes[key] = (type, count)
    return pickle.opaque("storage", [.string(key), parts[1], .integer(count)])
  }

  func build(
    _ value: Pickle.Value, _ state: Pickle.Value, _ pickle: inout Pickle
  ) throws(FormatError) -> Pickle.Value {
    // Attributes of an ordered dictionary (`_metadata`) or of a parameter: not needed.
    switch value {
    case .dictionary, .array, .none: return value
    default: throw FormatError("sets the state of a value that has none")
    }
  }

  private mutating func tensor(
    _ storage: Pickle.Value, _ offset: Int, _ shape: [Int], _ strides: [Int], _ pickle: Pickle
  ) throws(FormatError) -> Pickle.Value {
    guard let (type, key, claimed) = Self.storage(storage, pickle) else {
      throw FormatError("has a tensor without a storage")
    }
    guard let load else {
      guard NumericArray.byteCount(type, shape) != nil else {
        throw FormatError("has a tensor of the impossible shape \(shape)")
      }
      return .none
    }
    if storages[key] == nil { storages[key] = try load(key) }
    guard let bytes = storages[key], NumericArray.byteCount(type, [claimed]) == bytes.count else {
      throw FormatError("has the storage '\(key)' of another size than its tensors say")
    }
    let array = NumericArray(type, [claimed], bytes)
    return .array(try views.view(of: array, offset, shape, strides))
  }

  /// The parts of a reference to a storage.
  static func storage(
    _ value: Pickle.Value, _ pickle: Pickle
  ) -> (type: DataType, key: String, count: Int)? {
    guard case .opaque("storage", let index) = value,
      case .callable(let name) = pickle.arena[index][1], let type = types[name],
      let key = pickle.arena[index][0].string, let count = pickle.arena[index][2].integer
    else { return nil }
    return (type, key, count)
  }
}
