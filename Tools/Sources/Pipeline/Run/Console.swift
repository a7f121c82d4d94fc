internal import Foundation
public import Logging

/// Tells people on standard error how far the work is: a bar on a terminal, else plain lines.
public final class Console {
  /// For messages.
  public let logger: Logger
  private let isTerminal: Bool
  private let isQuiet: Bool
  private var lastLine = Date.distantPast
  private var hasBar = false

  /// Creates a console.
  ///
  /// - Parameters:
  ///   - logger: For messages.
  ///   - isQuiet: Whether progress is not shown.
  public init(logger: Logger, isQuiet: Bool = false) {
    self.logger = logger
    self.isQuiet = isQuiet
    isTerminal = isatty(STDERR_FILENO) == 1
  }

  /// A message for people.
  public func say(_ message: String) {
    clear()
    logger.info("\(message)")
  }

  /// A warning.
  public func warn(_ message: String) {
    clear()
    logger.warning("\(message)")
  }

  /// Shows how far something is; draws at most ten times a second on a terminal and else writes a
  /// line every ten seconds.
  ///
  /// - Parameters:
  ///   - name: What is worked on.
  ///   - done: Units done.
  ///   - total: All units.
  ///   - rate: Units a second; 0 where unknown.
  ///   - unit: What the units are.
  ///   - details: Such as the current losses.
  public func progress(
    _ name: String, done: Int, total: Int, rate: Double, unit: String, details: String = ""
  ) {
    let now = Date()
    let isLast = done == total
    guard !isQuiet, isLast || now.timeIntervalSince(lastLine) > (isTerminal ? 0.1 : 10) else {
      return
    }
    lastLine = now
    let left = rate > 0 ? Double(total - done) / rate : 0
    let text =
      "\(name) \(done)/\(total) "
      + (rate > 0 ? String(format: "%.1f ", rate) + unit + "/s " : "")
      + (isLast ? "" : "\(Self.duration(left)) left ") + details
    if isTerminal {
      let width = 20
      let filled = total > 0 ? width * done / total : width
      let bar =
        String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
      write("\r\u{1B}[K\(bar) \(text)" + (isLast ? "\n" : ""))
      hasBar = !isLast
    } else {
      write(text + "\n")
    }
  }

  /// Takes a bar away, so that a message may stand there.
  public func clear() {
    if hasBar { write("\r\u{1B}[K") }
    hasBar = false
  }

  /// Nobody may be left to read it: work goes on.
  private func write(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }

  /// A time for people: `42 s`, `3 min 05 s`, `2 h 10 min`.
  public static func duration(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded())
    return switch whole {
    case ..<60: "\(whole) s"
    case ..<3600: "\(whole / 60) min \(String(format: "%02d", whole % 60)) s"
    default: "\(whole / 3600) h \(String(format: "%02d", whole % 3600 / 60)) min"
    }
  }
}
