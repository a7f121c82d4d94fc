internal import Foundation
internal import Tensor
internal import TensorIO

/// A file format under test: where its valid files are and what reads them.
struct Format {
  let name: String
  /// Folder of valid files, from the repository's root.
  let folder: String
  /// Which files of the folder.
  let isSeed: (String) -> Bool
  /// What is set right after the damage, so that it is not found by a check sum alone.
  var repair: (inout [UInt8]) -> Void = { _ in }
  /// Reads the file and looks at everything in it.
  let read: (String) throws -> Void

  static var all: [Format] {
    [
      Format(
        name: "npy", folder: tensorGolden, isSeed: { $0.hasSuffix(".npy") && $0 != "irn.npy" },
        read: { look(at: try NPYFile.read($0)) }),
      Format(
        name: "npy-object", folder: tensorGolden, isSeed: { $0 == "irn.npy" },
        read: { look(at: try NPYFile.readObject($0).arrays()) }),
      Format(
        name: "npz", folder: tensorGolden, isSeed: { $0.hasSuffix(".npz") },
        repair: repairChecksums, read: { look(at: try NPZFile.read($0)) }),
      Format(
        name: "safetensors", folder: tensorGolden, isSeed: { $0.hasSuffix(".safetensors") },
        read: { look(at: try SafetensorsFile(reading: $0).arrays) }),
      Format(
        name: "pth-zip", folder: tensorGolden, isSeed: { $0.hasSuffix("_zip.pth") },
        repair: repairChecksums, read: readTorch),
      Format(
        name: "pth-legacy", folder: tensorGolden,
        isSeed: { $0.hasSuffix("_legacy.pth") || $0 == "harmful.pth" }, read: readTorch),
    ] + datasets
  }

  private static let tensorGolden = "Packages/Tensor/Tests/TensorIOTests/Golden"

  /// The contents of the seeds, in the order of their names.
  func seeds() throws -> [[UInt8]] {
    let root = URL(fileURLWithPath: #filePath + "/../../../../..").standardized
    let folder = root.appendingPathComponent(folder)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    return try names.filter(isSeed).map {
      [UInt8](try Data(contentsOf: folder.appendingPathComponent($0)))
    }
  }
}

private func readTorch(_ path: String) throws {
  let file = try TorchFile(reading: path)
  if let tensors = file.tensors() { look(at: tensors) }
}

private func look(at arrays: [String: NumericArray]) {
  for (_, array) in arrays { look(at: array) }
}

private func look(at array: NumericArray) {
  // A reader gives no more than the file holds, but for views that share storage.
  guard array.count <= 1 << 24 else { return }
  _ = array.tensor.count
  _ = array.integers?.count
}
