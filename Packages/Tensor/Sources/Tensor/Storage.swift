internal import CKernels
internal import Synchronization

/// A block of 64-byte aligned memory from the pool, returned to it when the last owner is gone.
///
/// Tensors, label maps and index tensors are copy-on-write values over it.
// @unchecked Sendable: written only by an owner that holds the unique reference, read otherwise.
@safe @usableFromInline
final class Storage: @unchecked Sendable {
  @usableFromInline let base: UnsafeMutableRawPointer
  private let capacity: Int
  /// How often an owner was given these bytes to change.
  private(set) var version = 0
  private let forms = Mutex(DerivedForms())

  init(byteCount: Int) {
    var capacity: Int = 0
    guard let block = unsafe ck_pool_allocate(byteCount, &capacity) else {
      fatalError("out of memory: a tensor of \(byteCount) bytes cannot be allocated")
    }
    unsafe self.base = block
    self.capacity = capacity
  }

  deinit { unsafe ck_pool_free(base, capacity) }

  /// The form of these bytes that `key` names, made from them where it is not held.
  ///
  /// - Parameters:
  ///   - key: What the form is, and all it depends on but these bytes.
  ///   - sources: Other storage the form is made from; they make another form once they change.
  ///   - make: Makes it.
  /// - Returns: The form; nobody changes it.
  func form(_ key: DerivedForms.Kind, from sources: [Storage] = [], make: () -> Storage) -> Storage
  {
    let key = DerivedForms.Key(kind: key, sources: sources)
    if let held = forms.withLock({ $0.find(key) }) { return held }
    let made = make()
    forms.withLock { $0.note(key, made) }
    return made
  }

  /// Forgets what was worked out from the bytes: the only owner is about to change them.
  func willChange() {
    version += 1
    forms.withLock { $0.removeAll() }
  }

  func copy(byteCount: Int) -> Storage {
    let copy = Storage(byteCount: byteCount)
    // Safe: both blocks hold at least `byteCount` bytes.
    unsafe copy.base.copyMemory(from: base, byteCount: byteCount)
    return copy
  }
}
