extension RunLengthMask {
  /// The pixels set in this mask or the other.
  ///
  /// - Precondition: Both have the same size.
  public func union(_ other: RunLengthMask) -> RunLengthMask { merged(other) { $0 || $1 } }

  /// The pixels set in both masks.
  ///
  /// - Precondition: Both have the same size.
  public func intersection(_ other: RunLengthMask) -> RunLengthMask { merged(other) { $0 && $1 } }

  /// The number of pixels set in both masks.
  ///
  /// - Precondition: Both have the same size.
  public func intersectionArea(_ other: RunLengthMask) -> Int {
    var area = 0
    forEachStretch(other) { length, left, right in
      if left && right { area += length }
    }
    return area
  }

  private func merged(
    _ other: RunLengthMask, _ combine: (Bool, Bool) -> Bool
  ) -> RunLengthMask {
    var counts = [0]
    var isSet = false
    forEachStretch(other) { length, left, right in
      if combine(left, right) == isSet {
        counts[counts.count - 1] += length
      } else {
        counts.append(length)
        isSet.toggle()
      }
    }
    return RunLengthMask(trusted: counts, height: height, width: width)
  }

  /// Calls `body` for each stretch of pixels in which neither mask changes.
  private func forEachStretch(
    _ other: RunLengthMask, _ body: (_ length: Int, _ left: Bool, _ right: Bool) -> Void
  ) {
    check(
      height == other.height && width == other.width,
      "RunLengthMask: \(height) x \(width) and \(other.height) x \(other.width) pixels")
    var (i, j) = (0, 0)
    var left = counts.first ?? 0
    var right = other.counts.first ?? 0
    while i < counts.count && j < other.counts.count {
      let length = min(left, right)
      if length > 0 { body(length, i % 2 == 1, j % 2 == 1) }
      left -= length
      right -= length
      if left == 0 {
        i += 1
        if i < counts.count { left = counts[i] }
      }
      if right == 0 {
        j += 1
        if j < other.counts.count { right = other.counts[j] }
      }
    }
  }
}
