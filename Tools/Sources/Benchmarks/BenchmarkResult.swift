internal import Glibc
internal import Tensor

/// The times of a benchmark's runs.
public struct BenchmarkResult: Sendable, Encodable {
  /// The benchmark's name.
  public let name: String
  /// Threads in use.
  public let threads: Int
  /// Timed runs.
  public let runs: Int
  /// The median time of a run, in milliseconds.
  public let medianMs: Double
  /// The shortest run, in milliseconds.
  public let minimumMs: Double
  /// Tensor memory at the worst moment, inputs included, in MiB.
  public let peakMiB: Double
  /// The process's peak resident size before the inputs were made, in MiB: what the program itself
  /// takes, where this is its first benchmark.
  public let baseMiB: Double
  /// The rate at the median time, in `unit`.
  public let rate: Double
  /// `GFLOP/s`, `GB/s` or things a second.
  public let unit: String
  /// The rate as a share of the multiply-add peak measured beside it; `nil` where the work is not
  /// counted in floating-point operations.
  public let fractionOfPeak: Double?
}

extension Benchmark {
  /// Runs the benchmark: once or more to warm up, then until both limits are reached.
  ///
  /// - Parameters:
  ///   - seconds: The least time to spend on timed runs.
  ///   - runs: The least number of timed runs.
  /// - Returns: The median and the shortest time, with the memory peak of tensors.
  public func measure(seconds: Double = 0.5, runs: Int = 5) -> BenchmarkResult {
    let clock = ContinuousClock()
    let base = residentPeakMiB()
    MemoryPool.resetPeak()
    let body = prepare()
    // Twice: the first run makes primitives and touches memory, the second settles the pool.
    body()
    body()
    let isCounted = if case .operations = work { true } else { false }
    let peakBefore = isCounted ? MachinePeak.measure() : 0
    var times: [Double] = []
    var total = 0.0
    while times.count < max(runs, 1) || total < seconds {
      let time = milliseconds(clock.measure(body))
      times.append(time)
      total += time / 1000
    }
    times.sort()
    let median = (times[(times.count - 1) / 2] + times[times.count / 2]) / 2
    let (rate, unit) = work.rate(seconds: median / 1000)
    let peak = isCounted ? max(peakBefore, MachinePeak.measure()) : 0
    return BenchmarkResult(
      name: name, threads: Threads.count, runs: times.count, medianMs: median,
      minimumMs: times[0], peakMiB: Double(MemoryPool.statistics.peak) / 1_048_576,
      baseMiB: base, rate: rate, unit: unit, fractionOfPeak: isCounted ? rate / peak : nil)
  }
}

extension Benchmark.Work {
  func rate(seconds: Double) -> (value: Double, unit: String) {
    switch self {
    case .operations(let count): (count / seconds / 1e9, "GFLOP/s")
    case .bytes(let count): (count / seconds / 1e9, "GB/s")
    case .items(let count, let unit): (count / seconds, "\(unit)/s")
    }
  }
}

private func residentPeakMiB() -> Double {
  var usage = rusage()
  // Safe: fills in the structure.
  unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  return Double(usage.ru_maxrss) / 1024
}

private func milliseconds(_ duration: Duration) -> Double {
  let (seconds, attoseconds) = duration.components
  return Double(seconds) * 1e3 + Double(attoseconds) * 1e-15
}
