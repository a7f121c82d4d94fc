internal import Tensor

extension Benchmark {
  /// What a tensor's memory costs: fresh, and reused from the pool.
  static let memory: [Benchmark] = [
    Benchmark("memory/allocate and fill 64 MiB, reused", work: .bytes(Double(64 << 20))) {
      { _ = Tensor.zeros([16 << 20]) }
    },
    Benchmark("memory/allocate and fill 64 MiB, fresh", work: .bytes(Double(64 << 20))) {
      {
        MemoryPool.releaseHeld()
        _ = Tensor.zeros([16 << 20])
      }
    },
  ]
}
