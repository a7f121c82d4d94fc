public import Tensor
public import TensorIO

/// The tensors of a file of weights by name, in PyTorch's layout.
///
/// Reads `.pth`, `.pt` and `.bin` (PyTorch's zip format and the one before it), `.safetensors` and
/// `.npz`. A state dictionary may lie in a larger one under `state_dict`, `model_state_dict` or
/// `model`; the `module.` that data-parallel training puts before every name is taken away.
public struct WeightFile: Sendable {
  /// The file.
  public let path: String
  /// Its tensors.
  public let tensors: [String: Tensor]

  /// Reads a file.
  ///
  /// - Throws: `TensorIOError` where the file cannot be read or is damaged, `WeightFileError` where
  ///   it holds no weights or numbers that are none.
  public init(reading path: String) throws {
    self.path = path
    let tensors = try Self.readArrays(path).mapValues(\.tensor)
    let broken = tensors.filter { !$0.value.isFinite }.keys.sorted()
    guard broken.isEmpty else {
      let names = broken.map { "'\($0)'" }.joined(separator: ", ")
      throw WeightFileError(path, "holds infinite or undefined numbers in \(names)")
    }
    self.tensors = tensors
  }

  /// The arrays of a file as they are in it, whatever their kind of number.
  ///
  /// - Returns: The arrays by the names `tensors` has; one or more.
  /// - Throws: `TensorIOError` where the file cannot be read or is damaged, `WeightFileError` where
  ///   it holds no arrays.
  public static func readArrays(_ path: String) throws -> [String: NumericArray] {
    let arrays = try decodeArrays(path)
    guard !arrays.isEmpty else { throw WeightFileError(path, "holds no tensors") }
    guard arrays.keys.allSatisfy({ $0.hasPrefix("module.") }) else { return arrays }
    return Dictionary(
      uniqueKeysWithValues: arrays.map { (String($0.dropFirst("module.".count)), $1) })
  }

  /// The free text of a file by name; none where its format has no place for that.
  ///
  /// - Throws: `TensorIOError` where the file cannot be read or is damaged.
  public static func metadata(_ path: String) throws -> [String: String] {
    suffix(path) == "safetensors" ? try SafetensorsFile(reading: path).metadata : [:]
  }

  /// Writes arrays as `.safetensors` or `.npz`, as the path's suffix says.
  ///
  /// - Parameters:
  ///   - arrays: The arrays by name.
  ///   - path: The file; replaced as a whole.
  ///   - metadata: Free text by name; only `.safetensors` has a place for it.
  /// - Throws: `WeightFileError` for another suffix, `TensorIOError` where the file cannot be
  ///   written or the format lacks a kind of number.
  public static func write(
    _ arrays: [String: NumericArray], to path: String, metadata: [String: String] = [:]
  ) throws {
    switch suffix(path) {
    case "safetensors": try SafetensorsFile(arrays, metadata: metadata).write(to: path)
    case "npz": try NPZFile.write(arrays, to: path)
    default:
      throw WeightFileError(
        path, "has the suffix '\(suffix(path))', expected .safetensors or .npz to write")
    }
  }

  private static func suffix(_ path: String) -> String {
    let parts = path.split(separator: "/").last?.split(separator: ".") ?? []
    return parts.count > 1 ? parts[parts.count - 1].lowercased() : ""
  }

  private static func decodeArrays(_ path: String) throws -> [String: NumericArray] {
    let suffix = suffix(path)
    guard ["pth", "pt", "bin", "safetensors", "npz"].contains(suffix) else {
      throw WeightFileError(
        path, "has the suffix '\(suffix)', expected .pth, .pt, .bin, .safetensors or .npz")
    }
    if let impostor = try impostor(path) { throw WeightFileError(path, impostor) }
    if suffix == "safetensors" { return try SafetensorsFile(reading: path).arrays }
    if suffix == "npz" { return try NPZFile.read(path) }
    let file = try TorchFile(reading: path)
    for key in ["state_dict", "model_state_dict", "model"] {
      if let inner = file.tensors(at: key), !inner.isEmpty { return inner }
    }
    return file.tensors() ?? [:]
  }
}

extension WeightFile {
  /// What a file is that a failed download left in place of weights; `nil` for anything else.
  private static func impostor(_ path: String) throws -> String? {
    let bytes = try Bytes(mapping: path)
    if bytes.count == 0 { return "is empty" }
    let start = String(decoding: (0..<min(bytes.count, 256)).map { bytes[$0] }, as: UTF8.self)
    let text = String(start.drop { $0.isWhitespace || $0 == "\u{FEFF}" }).lowercased()
    if ["<!doctype", "<html", "<?xml", "<head"].contains(where: text.hasPrefix) {
      return "is a web page, not weights: the download failed"
    }
    if text.hasPrefix("version https://git-lfs") {
      return "is a pointer of Git LFS, not the weights: run 'git lfs pull' where it came from"
    }
    return nil
  }
}

/// A file that holds no usable weights.
public struct WeightFileError: Error, CustomStringConvertible {
  /// `path: what is wrong`.
  public let description: String

  init(_ path: String, _ what: String) { description = "\(path): \(what)" }
}

extension Tensor {
  fileprivate var isFinite: Bool {
    withScalars { span in
      for index in span.indices where !span[index].isFinite { return false }
      return true
    }
  }
}
