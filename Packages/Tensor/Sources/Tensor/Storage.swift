internal import CKernels

/// A block of 64-byte aligned memory from the pool, returned to it when the last owner is gone.
///
/// Tensors, label maps and index tensors are copy-on-write values over it.
// @unchecked Sendable: written only by an owner that holds the unique reference, read otherwise.
@safe @usableFromInline
final class Storage: @unchecked Sendable {
  @usableFromInline let base: UnsafeMutableRawPointer
  private let capacity: Int

  init(byteCount: Int) {
    var capacity: Int = 0
    guard let block = unsafe ck_pool_allocate(byteCount, &capacity) else {
      fatalError("out of memory: a tensor of \(byteCount) bytes cannot be allocated")
    }
    unsafe self.base = block
    self.capacity = capacity
  }

  deinit { unsafe ck_pool_free(base, capacity) }

  func copy(byteCount: Int) -> Storage {
    let copy = Storage(byteCount: byteCount)
    // Safe: both blocks hold at least `byteCount` bytes.
    unsafe copy.base.copyMemory(from: base, byteCount: byteCount)
    return copy
  }
}
