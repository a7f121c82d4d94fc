/// NumPy's `.npz`: named arrays, a zip file of `.npy` members.
public enum NPZFile {
  /// Reads all arrays; the file is mapped, and stored members are not copied.
  ///
  /// - Throws: `TensorIOError` naming the file, the member and what is wrong with it.
  public static func read(_ path: String) throws(TensorIOError) -> [String: NumericArray] {
    let bytes = try Bytes(mapping: path)
    return try FormatError.naming(path) { () throws(FormatError) in
      let archive = try ZipArchive(bytes)
      var arrays: [String: NumericArray] = [:]
      for member in archive.members {
        guard member.name.hasSuffix(".npy") else {
          throw FormatError("holds '\(member.name)', which is no .npy array")
        }
        let content = try archive.read(member)
        do throws(FormatError) {
          arrays[String(member.name.dropLast(4))] = try NPYFile.decode(content)
        } catch { throw FormatError("'\(member.name)' \(error.what)") }
      }
      return arrays
    }
  }

  /// Writes arrays in the order of their names.
  ///
  /// - Parameters:
  ///   - arrays: The arrays by name.
  ///   - path: The file; replaced as a whole.
  ///   - compressing: Whether members are deflated, as `numpy.savez_compressed` does.
  /// - Throws: `TensorIOError` where the file cannot be written; nothing is left behind then.
  public static func write(
    _ arrays: [String: NumericArray], to path: String, compressing: Bool = false
  ) throws(TensorIOError) {
    var zip = ZipWriter()
    for (name, array) in arrays.sorted(by: { $0.key < $1.key }) {
      zip.add(
        "\(name).npy", [try NPYFile.encodedHeader(array), array.bytes], compressing: compressing)
    }
    try AtomicFile.write(path, zip.finished())
  }
}
