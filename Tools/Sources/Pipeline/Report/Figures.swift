internal import Foundation

/// How the report writes numbers.
enum Figures {
  /// A share as a percentage with one digit, without the sign: `63.2`; a dash where there is none.
  static func percent(_ share: Double?) -> String {
    share.map { String(format: "%.1f", $0 * 100) } ?? "–"
  }

  /// A number with three digits that count, or a whole one: `0.012`, `4.09`, `512`, `8`, `1.2e-06`.
  static func short(_ value: Double) -> String {
    guard value.isFinite else { return "\(value)" }
    if value == value.rounded() && abs(value) < 1000 { return grouped(Int(value)) }
    let size = abs(value)
    return switch size {
    case 0: "0"
    case ..<0.001: String(format: "%.1e", value)
    case 1000...: grouped(Int(clamping: Int64(min(size.rounded(), 9e15)) * (value < 0 ? -1 : 1)))
    case 100...: String(format: "%.0f", value)
    case 10...: String(format: "%.1f", value)
    case 1...: String(format: "%.2f", value)
    default: String(format: "%.3f", value)
    }
  }

  /// A whole number with thin spaces between thousands: `10 582`.
  static func grouped(_ number: Int) -> String {
    var digits = ""
    for (index, digit) in String(abs(number)).reversed().enumerated() {
      if index > 0 && index % 3 == 0 { digits.append("\u{202F}") }
      digits.append(digit)
    }
    return (number < 0 ? "−" : "") + String(digits.reversed())
  }

  /// `1 picture`, `2 pictures`.
  static func count(_ number: Int, _ noun: String) -> String {
    "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
  }

  /// The words of a name in camel case, `foreground background`; `mIoU` is one word.
  static func words(_ name: String) -> String {
    let letters = Array(name)
    return letters.indices.map { index in
      guard index > 1, index + 1 < letters.count, letters[index].isUppercase,
        letters[index - 2...index - 1].allSatisfy(\.isLowercase), letters[index + 1].isLowercase
      else { return String(letters[index]) }
      return " " + letters[index].lowercased()
    }.joined()
  }

  /// A time as ISO 8601 has it, for people: `2026-11-25 19:22 UTC`.
  static func time(_ iso: String) -> String {
    iso.count == 20 && iso.hasSuffix("Z")
      ? iso.prefix(16).replacingOccurrences(of: "T", with: " ") + " UTC" : iso
  }
}
