internal import Foundation

/// The folder of real pictures that the environment variable `FBR_VOC` names: PASCAL VOC 2012, or a
/// part of it in its layout. Tests that want it are skipped where it is not there.
public enum VOCPictures {
  private static let folder = ProcessInfo.processInfo.environment["FBR_VOC"] ?? ""

  /// The path of a file in the folder.
  public static func path(_ name: String) -> String { "\(folder)/\(name)" }

  /// Why a test that reads some files of the folder cannot run; `nil` where it can.
  public static func problem(_ names: [String]) -> String? {
    if folder.isEmpty { return "FBR_VOC is not set: no real pictures" }
    let missing = names.first { !FileManager.default.fileExists(atPath: path($0)) }
    return missing.map { "FBR_VOC=\(folder): no \($0)" }
  }
}
