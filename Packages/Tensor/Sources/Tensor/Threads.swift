internal import CKernels

/// The one thread setting for oneDNN, OpenBLAS and our own loops.
public enum Threads {
  /// The number of threads kernels use: 1 or more.
  ///
  /// Starts as the environment's `FBR_THREADS`, else as the number of CPUs this process may use.
  public static var count: Int {
    get { Int(ck_get_threads()) }
    set { ck_set_threads(Int32(clamping: newValue)) }
  }

  /// Runs `body` with every kernel it calls kept on the calling thread.
  ///
  /// For workers that are themselves parallel, as a loader's: never more threads than cores.
  public static func serially<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    ck_enter_serial()
    defer { ck_leave_serial() }
    return try body()
  }
}

/// Calls `body` once for each chunk of `grain` consecutive indices of `0..<count`, on all threads.
///
/// Chunk borders do not depend on the number of threads, so a reduction that keeps one partial
/// result a chunk gives the same bits on any number. The order of the calls is not defined. A
/// kernel or `parallelFor` called inside `body` runs on its own thread alone.
///
/// - Parameters:
///   - count: The number of indices; nothing happens at 0.
///   - grain: Indices a chunk, 1 or more; the last chunk may be shorter.
///   - body: Receives the chunk's range. Must not write what another chunk reads or writes.
public func parallelFor(
  _ count: Int, grain: Int = 1, _ body: (Range<Int>) -> Void
) {
  if count <= grain {
    if count > 0 { body(0..<count) }
    return
  }
  withoutActuallyEscaping(body) { escaping in
    var closure = escaping
    unsafe withUnsafeMutablePointer(to: &closure) { pointer in
      unsafe ck_parallel_for(count, grain, pointer) { context, begin, end in
        // Safe: `context` is `pointer`, alive until ck_parallel_for returns.
        let body = unsafe context?.assumingMemoryBound(to: ((Range<Int>) -> Void).self)
        unsafe body?.pointee(begin..<end)
      }
    }
  }
}
