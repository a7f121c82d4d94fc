internal import Foundation
internal import Tensor

/// The machine that this process runs on.
public enum Machine {
  /// The processor's name, or its architecture where the system has no name for it.
  public static let processor: String = {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    if let colon = line?.firstIndex(of: ":"), let line {
      return line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    #if arch(arm64)
      return "arm64"
    #else
      return "x86-64"
    #endif
  }()

  /// Processor, and threads of the kernels, such as "AMD EPYC 9R14, 2 threads".
  public static var description: String {
    "\(processor), \(Threads.count) thread\(Threads.count == 1 ? "" : "s")"
  }
}
