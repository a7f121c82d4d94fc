/// A named piece of work whose time is measured, such as one convolution shape of ResNet-50.
public struct Benchmark: Sendable {
  /// How much one run does, so that time becomes a rate.
  public enum Work: Sendable, Hashable {
    /// Floating-point operations (a multiply-add counts 2); the rate is GFLOP/s.
    case operations(Double)
    /// Bytes read and written; the rate is GB/s.
    case bytes(Double)
    /// Things done, such as images; the rate is things a second.
    case items(Double, unit: String)
  }

  /// `suite/what at which size`: `convolution/3x3 256->256 at 32x32 forward`.
  public let name: String
  /// What one run does.
  public let work: Work
  /// Sets up inputs and returns the body to time; only the body is measured.
  public let prepare: @Sendable () -> () -> Void

  /// Creates a benchmark.
  public init(
    _ name: String, work: Work, prepare: @escaping @Sendable () -> () -> Void
  ) {
    self.name = name
    self.work = work
    self.prepare = prepare
  }
}

extension Benchmark {
  /// Every benchmark of the project, suite by suite.
  public static var all: [Benchmark] {
    memory + matmul + convolution + winograd + depthwise + backbone + clustering + contrast
      + metrics + datasets + walk + crf
  }
}
