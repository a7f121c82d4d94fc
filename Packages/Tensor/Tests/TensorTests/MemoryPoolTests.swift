import CKernels
import Tensor
import Testing

/// In a process of its own: other tests use the pool at the same time.
@Suite("Memory pool")
struct MemoryPoolTests {
  @Test(
    "what is in use, the peak and what is held add up",
    .enabled(if: ck_pool_keeps_blocks() != 0, "the address sanitizer sees every release"))
  func statistics() async {
    await #expect(processExitsWith: .success) {
      let size = 1000 * 1000 * 4
      MemoryPool.releaseHeld()
      MemoryPool.resetPeak()
      let before = MemoryPool.statistics
      do {
        let first = Tensor.zeros([1000, 1000])
        let second = first + 1
        let during = MemoryPool.statistics
        precondition(during.inUse - before.inUse >= 2 * size)
        precondition(during.inUse - before.inUse < 3 * size)
        precondition(first.count == second.count)
      }
      let after = MemoryPool.statistics
      precondition(after.inUse == before.inUse)
      precondition(after.peak - before.inUse >= 2 * size)
      precondition(after.held - before.held >= 2 * size)
      do {
        let again = Tensor.zeros([1000, 1000])
        precondition(MemoryPool.statistics.reuses == after.reuses + 1)
        precondition(again.count == 1_000_000)
      }
      MemoryPool.releaseHeld()
      precondition(MemoryPool.statistics.held == 0)
      precondition(MemoryPool.statistics.inUse == before.inUse)
    }
  }

  @Test(
    "buffers share the pool with tensors",
    .enabled(if: ck_pool_keeps_blocks() != 0, "the address sanitizer sees every release"))
  func buffers() async {
    await #expect(processExitsWith: .success) {
      MemoryPool.releaseHeld()
      let before = MemoryPool.statistics
      do {
        let buffer = PooledBuffer<Int64>(count: 500_000)
        precondition(buffer.byteCount == 4_000_000)
        precondition(MemoryPool.statistics.inUse - before.inUse >= 4_000_000)
        unsafe precondition(UInt(bitPattern: buffer.base) % 64 == 0)
        for index in 0..<buffer.count { unsafe buffer.base[index] = Int64(index) }
        unsafe precondition(buffer.base[499_999] == 499_999)
      }
      precondition(MemoryPool.statistics.inUse == before.inUse)
      let again = Tensor.zeros([1000, 1000])
      precondition(MemoryPool.statistics.reuses == before.reuses + 1)
      precondition(again.count == 1_000_000)
    }
  }

  @Test("a chain of operations keeps no more than two results")
  func chain() async {
    await #expect(processExitsWith: .success) {
      var value = Tensor.zeros([1000, 1000])
      MemoryPool.resetPeak()
      for _ in 0..<10 { value = value + 1 }
      precondition(value.scalars.allSatisfy { $0 == 10 })
      precondition(MemoryPool.statistics.peak < 10_000_000)
    }
  }

  @Test("tensors of many sizes do not leave blocks of every size behind")
  func manySizes() async {
    await #expect(processExitsWith: .success) {
      var largest = 0
      for step in 0..<120 {
        let side = 200 + step * 37 % 120 * 12
        largest = Swift.max(largest, side * side * 4)
        precondition(Tensor.zeros([side, side]).count == side * side)
        let pool = MemoryPool.statistics
        precondition(pool.inUse == 0 && pool.held <= 2 * largest)
      }
    }
  }

  @Test("storage is aligned to 64 bytes at any size", arguments: [0, 1, 15, 17, 4097, 300_000])
  func alignment(count: Int) {
    let tensor = Tensor.zeros([count])
    unsafe tensor.withUnsafeScalars { buffer in
      let address = UInt(bitPattern: buffer.baseAddress)
      #expect(address % 64 == 0)
    }
  }
}
