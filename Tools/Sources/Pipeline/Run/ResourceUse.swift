internal import Foundation

/// Time and memory of this process since a moment.
struct ResourceUse {
  private let start = ContinuousClock.now
  private let startCPU = Self.cpuSeconds

  /// Starts counting; the most memory held is counted anew where the system can.
  init() {
    if let file = FileHandle(forWritingAtPath: "/proc/self/clear_refs") {
      try? file.write(contentsOf: Data("5".utf8))
    }
  }

  /// Seconds since the start.
  var seconds: Double { Double((ContinuousClock.now - start) / .milliseconds(1)) / 1000 }

  /// Seconds of all cores together since the start.
  var cpuSeconds: Double { Self.cpuSeconds - startCPU }

  /// The most memory held since the start, in MiB.
  var peakMiB: Double {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    let words = line?.split(whereSeparator: \.isWhitespace) ?? []
    return words.count > 1 ? (Double(words[1]) ?? 0) / 1024 : 0
  }

  private static var cpuSeconds: Double {
    var usage = rusage()
    unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
  }
}
