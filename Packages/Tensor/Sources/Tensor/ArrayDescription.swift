/// The text of an array's elements: nested brackets, aligned columns, the middle of long axes left
/// out.
struct ArrayDescription {
  /// Elements shown at either end of a shortened axis.
  private static let edge = 3
  /// Arrays of more elements are shortened.
  private static let threshold = 200

  private let dimensions: [Int]
  private let element: (Int) -> String
  private let isShortened: Bool
  private var width = 0

  /// - Parameters:
  ///   - shape: The sizes of the axes.
  ///   - element: The text of the element at a row-major offset.
  init(_ shape: Shape, _ element: @escaping (Int) -> String) {
    dimensions = shape.dimensions
    self.element = element
    isShortened = shape.elementCount > Self.threshold
    forEachShown(axis: 0, offset: 0) { width = max(width, element($0).count) }
  }

  /// The text, over as many lines as there are rows.
  var text: String { text(axis: 0, offset: 0) }

  private func shown(_ axis: Int) -> [Int?] {
    let size = dimensions[axis]
    guard isShortened, size > 2 * Self.edge + 1 else { return (0..<size).map { $0 } }
    return (0..<Self.edge).map { $0 } + [nil] + (size - Self.edge..<size).map { $0 }
  }

  private func forEachShown(axis: Int, offset: Int, _ body: (Int) -> Void) {
    guard axis < dimensions.count else { return body(offset) }
    for case let index? in shown(axis) {
      forEachShown(axis: axis + 1, offset: offset * dimensions[axis] + index, body)
    }
  }

  private func text(axis: Int, offset: Int) -> String {
    guard axis < dimensions.count else {
      let text = element(offset)
      return String(repeating: " ", count: width - text.count) + text
    }
    let isRow = axis == dimensions.count - 1
    let separator =
      isRow
      ? ", "
      : "," + String(repeating: "\n", count: dimensions.count - 1 - axis)
        + String(repeating: " ", count: axis + 1)
    let parts = shown(axis).map { index in
      index.map { text(axis: axis + 1, offset: offset * dimensions[axis] + $0) } ?? "..."
    }
    return "[" + parts.joined(separator: separator) + "]"
  }
}

/// A number in at most `digits` significant digits: "0.12346", "1.5e-09", "nan".
func shortText(_ number: Float, digits: Int = 5) -> String {
  guard number.isFinite, number != 0 else { return number == 0 ? "0" : "\(number)" }
  // In Double a Float's five digits come out exactly, whatever its size.
  let value = Double(number)
  var scale = 1.0
  var limit = 1.0
  for _ in 1..<digits { limit *= 10 }
  while abs(value) * scale < limit { scale *= 10 }
  while abs(value) * scale >= limit * 10 { scale /= 10 }
  let rounded = (value * scale).rounded() / scale
  return rounded == rounded.rounded() && abs(rounded) < 1e6
    ? "\(Int(rounded))" : "\(Float(rounded))"
}
