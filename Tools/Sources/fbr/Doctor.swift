import ArgumentParser
import Foundation
import Pipeline
import Tensor

struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print what this machine offers: versions, CPU, threads, memory, disk.",
    discussion: """
      EXAMPLES
        fbr doctor
        fbr doctor --json > machine.json
      """)

  @Flag(help: "Print JSON instead of lines.")
  var json = false

  func run() throws {
    let facts = try Self.facts()
    if json {
      let object = Dictionary(uniqueKeysWithValues: facts)
      let data = try JSONSerialization.data(
        withJSONObject: object, options: [.prettyPrinted, .sortedKeys])
      print(String(decoding: data, as: UTF8.self))
    } else {
      for (name, value) in facts {
        print(name.padding(toLength: 18, withPad: " ", startingAt: 0) + value)
      }
    }
  }

  private static func facts() throws -> [(String, String)] {
    let cpu = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let flags = Set(field("flags", of: cpu).split(separator: " ").map(String.init))
    let wanted = ["avx2", "fma", "avx512f", "avx512_bf16", "amx_bf16", "asimd"]
    let memory = (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)) ?? ""
    let disk = try FileManager.default.attributesOfFileSystem(
      forPath: FileManager.default.currentDirectoryPath)
    let free = (disk[.systemFreeSize] as? NSNumber)?.doubleValue ?? 0
    return [
      ("fbr", FBR.configuration.version),
      ("oneDNN", LibraryVersions.oneDNN),
      ("OpenBLAS", LibraryVersions.openBLAS),
      ("CPU", Machine.processor),
      ("CPU features", wanted.filter(flags.contains).joined(separator: " ")),
      ("threads", "\(Threads.count) of \(ProcessInfo.processInfo.activeProcessorCount) cores"),
      (
        "memory", field("MemTotal", of: memory) + ", available " + field("MemAvailable", of: memory)
      ),
      ("disk free here", String(format: "%.1f GiB", free / 1_073_741_824)),
    ]
  }

  private static func field(_ name: String, of text: String) -> String {
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name) }),
      let colon = line.firstIndex(of: ":")
    else { return "unknown" }
    return line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
  }
}
