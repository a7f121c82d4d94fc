import ArgumentParser
import Benchmarks
import Foundation
import Tensor

struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure this machine on the project's benchmarks.",
    discussion: """
      EXAMPLES
        fbr bench --list
        fbr bench convolution --threads 1
        fbr bench 'memory/' --json > memory.json
      """)

  @Argument(help: "Run those whose name contains one of these; all by default.")
  var names: [String] = []

  @Option(help: "Threads for all kernels, repeatable; default FBR_THREADS, else all cores.")
  var threads: [Int] = []

  @Option(help: "Least seconds of timed runs a benchmark.")
  var seconds = 0.5

  @Option(help: "Least number of timed runs a benchmark.")
  var runs = 5

  @Flag(help: "Print the names and stop.")
  var list = false

  @Flag(help: "Print a JSON list instead of a table.")
  var json = false

  func validate() throws {
    for count in threads { try ThreadCount.check(count) }
    guard runs >= 1 else { throw ValidationError("--runs must be 1 or more") }
    guard seconds >= 0 else { throw ValidationError("--seconds must not be negative") }
    guard !chosen.isEmpty else {
      throw ValidationError("no benchmark's name contains \(names); see 'fbr bench --list'")
    }
  }

  private var chosen: [Benchmark] {
    Benchmark.all.filter { benchmark in
      names.isEmpty || names.contains { benchmark.name.contains($0) }
    }
  }

  func run() throws {
    if list {
      chosen.forEach { print($0.name) }
      return
    }
    var measurements: [BenchmarkResult] = []
    if !json { print(Self.header) }
    for benchmark in chosen {
      for count in threads.isEmpty ? [Threads.count] : threads {
        Threads.count = count
        let measurement = benchmark.measure(seconds: seconds, runs: runs)
        measurements.append(measurement)
        if !json { print(Self.row(measurement)) }
      }
    }
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      print(String(decoding: try encoder.encode(measurements), as: UTF8.self))
    }
  }

  private static let header =
    column("benchmark", 58) + column("threads", 8, right: true)
    + column("median ms", 11, right: true)
    + column("min ms", 11, right: true) + column("rate", 18, right: true)
    + column("of peak", 9, right: true)
    + column("peak MiB", 10, right: true)

  private static func row(_ it: BenchmarkResult) -> String {
    column(it.name, 58) + column("\(it.threads)", 8, right: true)
      + column(String(format: "%.3f", it.medianMs), 11, right: true)
      + column(String(format: "%.3f", it.minimumMs), 11, right: true)
      + column(String(format: "%.1f %@", it.rate, it.unit), 18, right: true)
      + column(it.fractionOfPeak.map { String(format: "%.2f", $0) } ?? "", 9, right: true)
      + column(String(format: "%.0f", it.peakMiB), 10, right: true)
  }

  private static func column(_ text: String, _ width: Int, right: Bool = false) -> String {
    let padding = String(repeating: " ", count: max(width - text.count, 1))
    return right ? padding + text : text + padding
  }
}
