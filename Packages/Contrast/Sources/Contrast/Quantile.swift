extension Array where Element == Float {
  /// The value below which a share of the elements lies, interpolated linearly between neighbours
  /// as `torch.quantile` does; `nil` without elements.
  func quantile(_ share: Double) -> Float? {
    guard !isEmpty else { return nil }
    let sorted = sorted()
    // In `Double`: where the position is an element's, the result must be that element.
    let position = share * Double(count - 1)
    let below = Int(position)
    let above = Swift.min(below + 1, count - 1)
    return sorted[below] + (sorted[above] - sorted[below]) * Float(position - Double(below))
  }
}
