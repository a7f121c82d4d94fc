internal import CBenchmarks
internal import Synchronization
internal import Tensor

/// The most floating-point operations a second this machine does with `Threads.count` threads.
enum MachinePeak {
  /// GFLOP/s of independent fused multiply-adds in registers; takes about ten milliseconds.
  ///
  /// The best of several tries: clock rates change from moment to moment, so it belongs beside
  /// what it is compared with.
  static func measure() -> Double {
    (0..<5).reduce(0) { best, _ in max(best, once()) }
  }

  private static func once() -> Double {
    let operations = Mutex(0.0)
    let time = ContinuousClock().measure {
      parallelFor(4 * Threads.count) { shares in
        var sink: Float = 1e-9
        let done = shares.reduce(0) { sum, _ in
          unsafe sum + cb_multiply_add(100_000, &sink)
        }
        operations.withLock { $0 += done }
      }
    }
    return operations.withLock { $0 } / (time / .seconds(1)) / 1e9
  }
}
