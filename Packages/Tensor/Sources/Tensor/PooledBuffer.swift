internal import CKernels

/// Uninitialised memory of the pool, for kernels' data that is no tensor: indices, keys, packed rows.
///
/// Fresh memory costs page faults; this comes from blocks that tensors freed, and returns to them.
@safe public final class PooledBuffer<Element: BitwiseCopyable>: @unchecked Sendable {
  // @unchecked Sendable: the address and the size never change. Who writes while others read is up
  // to the kernels that are given the pointer, as for any pointer.

  /// The number of elements.
  public let count: Int
  /// The first element, 64-byte aligned; valid as long as the buffer lives.
  public let base: UnsafeMutablePointer<Element>
  private let storage: Storage

  /// Takes memory for `count` elements; their values are undefined.
  ///
  /// - Precondition: `count` is not negative.
  public init(count: Int) {
    check(count >= 0, "PooledBuffer: \(count) elements")
    self.count = count
    storage = Storage(byteCount: count * MemoryLayout<Element>.stride)
    // Safe: the block holds `count` elements and is not bound to a type.
    unsafe base = storage.base.bindMemory(to: Element.self, capacity: count)
  }

  /// The bytes taken.
  public var byteCount: Int { count * MemoryLayout<Element>.stride }
}
