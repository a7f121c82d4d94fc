internal import CKernels

/// The process-wide cache of freed tensor memory.
///
/// Fresh memory costs page faults, nearly half of a forward pass when every activation is new;
/// so freed blocks are kept and handed out again. What is in use and held together stays below one
/// and a half times the most that was ever in use.
public enum MemoryPool {
  /// What the pool holds, in bytes.
  public struct Statistics: Sendable, Hashable {
    /// Bytes in tensors that are alive.
    public let inUse: Int
    /// The largest `inUse` since the start or the last `resetPeak()`.
    public let peak: Int
    /// Bytes freed by tensors and kept for reuse.
    public let held: Int
    /// Blocks asked for since the start.
    public let requests: Int
    /// Of these, the ones served from held blocks.
    public let reuses: Int
  }

  /// A snapshot of the pool.
  public static var statistics: Statistics {
    let read = ck_pool_read()
    return Statistics(
      inUse: Int(read.in_use), peak: Int(read.peak), held: Int(read.held),
      requests: Int(read.requests), reuses: Int(read.reuses))
  }

  /// Makes `peak` start again from what is in use now.
  public static func resetPeak() { ck_pool_reset_peak() }

  /// Gives held blocks back to the system until at most `keep` bytes are held.
  public static func releaseHeld(keeping keep: Int = 0) { ck_pool_trim(Swift.max(keep, 0)) }
}
