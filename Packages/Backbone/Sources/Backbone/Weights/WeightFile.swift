public import Tensor
internal import TensorIO

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
    let arrays = try Self.arrays(path)
    guard !arrays.isEmpty else { throw WeightFileError(path, "holds no tensors") }
    let prefix = arrays.keys.allSatisfy { $0.hasPrefix("module.") } ? "module." : ""
    var tensors: [String: Tensor] = [:]
    for (name, array) in arrays {
      tensors[String(name.dropFirst(prefix.count))] = array.tensor
    }
    let broken = tensors.filter { !$0.value.isFinite }.keys.sorted()
    guard broken.isEmpty else {
      let names = broken.map { "'\($0)'" }.joined(separator: ", ")
      throw WeightFileError(path, "holds infinite or undefined numbers in \(names)")
    }
    self.tensors = tensors
  }

  private static func arrays(_ path: String) throws -> [String: NumericArray] {
    let suffix = path.split(separator: "/").last?.split(separator: ".").last.map(String.init) ?? ""
    switch suffix.lowercased() {
    case "safetensors": return try SafetensorsFile(reading: path).arrays
    case "npz": return try NPZFile.read(path)
    case "pth", "pt", "bin":
      let file = try TorchFile(reading: path)
      for key in ["state_dict", "model_state_dict", "model"] {
        if let inner = file.tensors(at: key), !inner.isEmpty { return inner }
      }
      return file.tensors() ?? [:]
    default:
      throw WeightFileError(
        path, "has the suffix '\(suffix)', expected .pth, .pt, .bin, .safetensors or .npz")
    }
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
