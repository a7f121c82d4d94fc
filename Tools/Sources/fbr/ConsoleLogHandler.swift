import Foundation
import Logging

/// A line a message on standard error: the time, a mark for warnings, the text.
struct ConsoleLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let time = Date.now.formatted(
      .dateTime.hour(.twoDigits(amPM: .omitted)).minute(.twoDigits).second(.twoDigits))
    let mark = event.level >= .warning ? "\(event.level): " : ""
    FileHandle.standardError.write(Data("\(time) \(mark)\(event.message)\n".utf8))
  }
}
