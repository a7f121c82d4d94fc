/// A file that `torch.save` wrote: both the zip format and the one before PyTorch 1.6.
///
/// Nothing of it is run: a restricted unpickler builds tensors and plain containers, and refuses
/// everything else by its name.
public struct TorchFile: Sendable {
  /// What was saved.
  public let contents: Pickle

  /// Reads a file; it is mapped, and contiguous tensors are not copied.
  ///
  /// - Throws: `TensorIOError` naming the file and what is wrong with it or refused.
  public init(reading path: String) throws(TensorIOError) {
    let bytes = try Bytes(mapping: path)
    contents = try FormatError.naming(path) { () throws(FormatError) in
      ZipArchive.isZip(bytes) ? try Self.readZip(bytes) : try Self.readLegacy(bytes).contents
    }
  }

  /// The storage that a tensor pickled on its own carries: a file within the pickle.
  static func storage(_ bytes: Bytes) throws(FormatError) -> NumericArray {
    let (contents, storages) = try readLegacy(bytes)
    guard let (type, key, count) = TorchResolver.storage(contents.root, contents),
      let body = storages[key], NumericArray.byteCount(type, [count]) == body.count
    else { throw FormatError("has a tensor without its storage") }
    return NumericArray(type, [count], body)
  }

  /// The tensors of a state dictionary, by name.
  ///
  /// - Parameter key: Where the dictionary is in a larger one, such as `state_dict`; by default the
  ///   whole, with inner names as `outer.inner`.
  /// - Returns: `nil` where there is no such dictionary.
  public func tensors(at key: String? = nil) -> [String: NumericArray]? {
    guard let key else { return contents.arrays() }
    return contents.member(key, of: contents.root).map { contents.arrays(of: $0) }
  }

  private static func readZip(_ bytes: Bytes) throws(FormatError) -> Pickle {
    let archive = try ZipArchive(bytes)
    // Members lie in one folder, named for the file.
    guard let main = archive.members.first(where: { $0.name.hasSuffix("/data.pkl") }) else {
      throw FormatError("is a zip file without a data.pkl, so none of PyTorch's")
    }
    let folder = main.name.dropLast("data.pkl".count)
    var members: [String: ZipArchive.Member] = [:]
    for member in archive.members where member.name.hasPrefix(folder) {
      members[String(member.name.dropFirst(folder.count))] = member
    }
    if let order = members["byteorder"], try archive.read(order).text == "big" {
      throw FormatError("was written on a big-endian machine, which is not read")
    }
    let resolver = TorchResolver { name throws(FormatError) in
      guard let member = members["data/\(name)"] else {
        throw FormatError("refers to the storage '\(name)', which it does not hold")
      }
      return try archive.read(member)
    }
    var unpickler = Unpickler(try archive.read(main), resolver: resolver)
    return try unpickler.run()
  }

  /// Magic number, protocol version, system: a pickle each. Then the data, whose storages follow
  /// their keys; so the pickle of the data is run twice, first to find the sizes.
  private static func readLegacy(
    _ bytes: Bytes
  ) throws(FormatError) -> (contents: Pickle, storages: [String: Bytes]) {
    let nothing = TorchResolver { name throws(FormatError) in
      throw FormatError("refers to the storage '\(name)' before its data")
    }
    var position = 0
    for part in ["magic number", "protocol version", "system"] {
      var unpickler = Unpickler(bytes, from: position, resolver: nothing)
      let value = try unpickler.run()
      position = unpickler.end
      guard part != "magic number" || isMagic(value.root) else {
        throw FormatError("is no file of PyTorch: it starts neither as a zip file nor as a pickle")
      }
    }
    let start = position
    var scan = Unpickler(bytes, from: start, resolver: TorchResolver(scanning: ()))
    _ = try scan.run()
    let sizes = scan.finishedResolver.storageSizes
    var keys = Unpickler(bytes, from: scan.end, resolver: nothing)
    let list = try keys.run()
    position = keys.end
    var storages: [String: Bytes] = [:]
    for item in list.items(of: list.root) {
      guard let key = item.string, let (type, count) = sizes[key] else {
        throw FormatError("lists a storage that no tensor uses")
      }
      guard let stated = bytes.integer(position, size: 8), stated == UInt64(count),
        let size = NumericArray.byteCount(type, [count]),
        let body = bytes.slice(position + 8, size)
      else { throw FormatError("ends within the storage '\(key)' of \(count) x \(type)") }
      storages[key] = body
      position += 8 + size
    }
    let found = storages
    var unpickler = Unpickler(
      bytes, from: start,
      resolver: TorchResolver { name throws(FormatError) in
        guard let storage = found[name] else {
          throw FormatError("refers to the storage '\(name)', which it does not hold")
        }
        return storage
      })
    return (try unpickler.run(), found)
  }

  /// 0x1950a86a20f9469cfc6c, little-endian.
  private static func isMagic(_ value: Pickle.Value) -> Bool {
    guard case .bytes(let bytes) = value else { return false }
    return bytes.array == [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]
  }
}
