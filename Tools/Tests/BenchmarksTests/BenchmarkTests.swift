import Benchmarks
import Synchronization
import Testing

@Suite("Benchmark")
struct BenchmarkTests {
  @Test("the asked number of runs is timed after two warm-up runs")
  func runs() {
    let count = Mutex(0)
    let benchmark = Benchmark("count", work: .items(3, unit: "things")) {
      { count.withLock { $0 += 1 } }
    }
    let measurement = benchmark.measure(seconds: 0, runs: 4)
    #expect(measurement.runs == 4)
    #expect(count.withLock { $0 } == 6)
    #expect(measurement.unit == "things/s")
    #expect(measurement.minimumMs <= measurement.medianMs)
  }

  @Test("names are unique, and each names its suite")
  func names() {
    let names = Benchmark.all.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(names.allSatisfy { $0.contains("/") })
  }
}
