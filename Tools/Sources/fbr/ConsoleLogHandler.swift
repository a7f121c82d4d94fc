import Foundation
import Logging

/// A line a message on standard error: the time, a mark for warnings, the text.
struct ConsoleLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info

  private static let clock = Date.VerbatimFormatStyle(
    format: """
      \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits):\
      \(second: .twoDigits)
      """,
    timeZone: .current, calendar: .current)

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let time = Self.clock.format(.now)
    let mark = event.level >= .warning ? "\(event.level): " : ""
    writeError("\(time) \(mark)\(event.message)\n")
  }
}
