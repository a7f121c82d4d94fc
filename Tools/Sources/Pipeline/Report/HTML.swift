internal import Foundation

/// A piece of a page. Text put into it is escaped, other pieces are put in as they are, so that no
/// name can break the page:
///
///     let cell: HTML = "<td>\(className)</td>"
package struct HTML: ExpressibleByStringInterpolation, Equatable {
  /// The markup.
  package private(set) var markup: String

  package init(stringLiteral markup: String) { self.markup = markup }

  package init(stringInterpolation: Interpolation) { markup = stringInterpolation.markup }

  /// A piece with nothing in it.
  package static let nothing: HTML = ""

  static func += (page: inout HTML, piece: HTML) { page.markup += piece.markup }

  static func + (first: HTML, second: HTML) -> HTML {
    var sum = first
    sum += second
    return sum
  }

  /// Collects literals as they are and values escaped.
  package struct Interpolation: StringInterpolationProtocol {
    fileprivate var markup = ""

    package init(literalCapacity: Int, interpolationCount: Int) {
      markup.reserveCapacity(literalCapacity)
    }

    package mutating func appendLiteral(_ literal: String) { markup += literal }

    package mutating func appendInterpolation(_ piece: HTML) { markup += piece.markup }

    package mutating func appendInterpolation(_ pieces: [HTML]) {
      for piece in pieces { markup += piece.markup }
    }

    package mutating func appendInterpolation(_ text: String) { markup += Self.escaped(text) }

    package mutating func appendInterpolation(_ number: Int) { markup += "\(number)" }

    /// A number with at most two digits after the point, for coordinates.
    package mutating func appendInterpolation(_ number: Double) {
      let text = String(format: "%.2f", number.isFinite ? number : 0)
      let short = text.trimmingSuffix("0").trimmingSuffix(".")
      markup += short == "-0" ? "0" : short
    }

    private static func escaped(_ text: String) -> String {
      var escaped = ""
      escaped.reserveCapacity(text.utf8.count)
      for scalar in text.unicodeScalars {
        switch scalar {
        case "&": escaped += "&amp;"
        case "<": escaped += "&lt;"
        case ">": escaped += "&gt;"
        case "\"": escaped += "&quot;"
        case "'": escaped += "&#39;"
        // Pages may not hold control characters.
        case "\0"..."\u{8}", "\u{B}"..."\u{1F}", "\u{7F}"..."\u{9F}": escaped += "\u{FFFD}"
        default: escaped.unicodeScalars.append(scalar)
        }
      }
      return escaped
    }
  }
}

extension String {
  fileprivate func trimmingSuffix(_ end: Character) -> String {
    var text = self
    while text.last == end { text.removeLast() }
    return text
  }
}

extension Sequence {
  /// A piece for each element, one after the other.
  func html(_ piece: (Element) throws -> HTML) rethrows -> HTML {
    try reduce(into: HTML.nothing) { $0 += try piece($1) }
  }
}
