/// Class indices of pixels: 0 background, 1...C foreground, 255 "ignore / unknown".
///
/// `[H, W]` for one picture, `[N, H, W]` for a batch; row-major.
public struct LabelMap: Hashable, Sendable {
  /// The label of pixels that count nowhere: neither in a loss nor in a score.
  public static let ignoreIndex: UInt8 = 255

  /// The sizes of the axes.
  public let shape: Shape

  /// The labels, row-major; their number stays `shape.elementCount`.
  @inlinable public var labels: [UInt8] {
    get { elements }
    // In place: a setter would copy the array for every element changed from another module.
    _modify {
      defer {
        check(
          elements.count == shape.elementCount,
          "LabelMap: \(elements.count) labels for shape \(shape)")
      }
      yield &elements
    }
  }

  @usableFromInline var elements: [UInt8]

  /// Creates a label map from its labels, row-major.
  ///
  /// - Precondition: `labels.count == shape.elementCount`.
  public init(_ labels: [UInt8], shape: Shape) {
    check(
      labels.count == shape.elementCount,
      "LabelMap: \(labels.count) labels for shape \(shape), which holds \(shape.elementCount)")
    self.shape = shape
    elements = labels
  }

  /// Creates a label map with one label everywhere.
  public init(repeating label: UInt8, shape: Shape) {
    self.init([UInt8](repeating: label, count: shape.elementCount), shape: shape)
  }

  /// The number of pixels.
  public var count: Int { labels.count }

  /// One label; for tests and debugging, not for loops over pixels.
  ///
  /// - Precondition: As many indices as axes, each in range.
  public subscript(indices: Int...) -> UInt8 {
    get { elements[shape.offset(of: indices)] }
    set { elements[shape.offset(of: indices)] = newValue }
  }
}
