internal import Foundation

/// A thread that can be waited for.
// @unchecked Sendable: the handle is set once by `init` and read by `join`.
final class WorkerThread: @unchecked Sendable {
  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  private var handle = pthread_t()

  init(_ run: @escaping @Sendable () -> Void) {
    let body = unsafe Unmanaged.passRetained(Body(run)).toOpaque()
    // Safe: the new thread takes over the one reference passed to it.
    let status = unsafe pthread_create(&handle, nil, runBody, body)
    guard status == 0 else {
      fatalError("a worker thread cannot be made: error \(status)")
    }
  }

  /// Waits until the thread has ended; once.
  func join() { pthread_join(handle, nil) }

  fileprivate static func run(_ body: UnsafeMutableRawPointer) {
    unsafe Unmanaged<Body>.fromOpaque(body).takeRetainedValue().run()
  }
}

private func runBody(_ body: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  if let body = unsafe body { unsafe WorkerThread.run(body) }
  return nil
}
