internal import Foundation
internal import Synchronization

/// Ctrl-C and `kill`: the first asks for an orderly end, the second ends at once.
public enum Interruption {
  private static let flag = Atomic<Bool>(false)

  /// Whether an end was asked for.
  public static var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// Listens for the signals from now on.
  public static func listen() {
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        Interruption.flag.store(true, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
    }
  }
}
