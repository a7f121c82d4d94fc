internal import Foundation
internal import Synchronization

/// Ctrl-C, `kill` and a terminal that closes: the first asks for an orderly end, the second ends at
/// once.
public enum Interruption {
  private static let flag = Atomic<Bool>(false)

  /// Whether an end was asked for.
  public static var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// Listens for the signals from now on; under `nohup` a terminal may close.
  public static func listen() {
    for number in [SIGINT, SIGTERM, SIGHUP] where number != SIGHUP || !isIgnored(SIGHUP) {
      signal(number) { number in
        Interruption.flag.store(true, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
    }
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    // Handlers cannot be compared, but setting one tells which was there.
    let old = signal(number, SIG_IGN)
    signal(number, old)
    // Safe: both are pointers to functions.
    return unsafe unsafeBitCast(old, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
