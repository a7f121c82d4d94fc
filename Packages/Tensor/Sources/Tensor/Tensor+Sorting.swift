/// Order along the last axis. Equal elements keep their order; NaN counts as the largest, as in
/// PyTorch.
extension Tensor {
  /// The `count` largest elements of each row, largest first, with their positions in the row.
  ///
  /// - Precondition: Rows have that many elements.
  public func topK(_ count: Int) -> (values: Tensor, indices: IndexTensor) {
    check(rank >= 1 && count >= 0 && count <= shape[-1], "topK: \(count) of rows of \(shape)")
    return ordered(prefix: count, Self.descending)
  }

  /// Each row in order.
  public func sorted(descending: Bool = false) -> (values: Tensor, indices: IndexTensor) {
    check(rank >= 1, "sorted: a scalar has no rows")
    return ordered(prefix: shape[-1], descending ? Self.descending : Self.ascending)
  }

  /// The positions that put each row in order.
  public func sortedPositions(descending: Bool = false) -> IndexTensor {
    sorted(descending: descending).indices
  }

  /// The distinct elements in ascending order, how often each occurs, and where each element is
  /// among them.
  public func unique() -> (values: Tensor, counts: [Int], inverse: IndexTensor) {
    let flat = scalars
    let order = flat.indices.sorted { Self.ascending((flat[$0], $0), (flat[$1], $1)) }
    var values: [Float] = []
    var counts: [Int] = []
    var inverse = [Int32](repeating: 0, count: flat.count)
    for position in order {
      if values.last != flat[position] {
        values.append(flat[position])
        counts.append(0)
      }
      counts[counts.count - 1] += 1
      inverse[position] = Int32(values.count - 1)
    }
    return (Tensor(values), counts, IndexTensor(inverse, shape: shape))
  }

  private typealias Entry = (value: Float, position: Int)

  private static func ascending(_ a: Entry, _ b: Entry) -> Bool {
    if a.value == b.value || (a.value.isNaN && b.value.isNaN) { return a.position < b.position }
    return b.value.isNaN || a.value < b.value
  }

  private static func descending(_ a: Entry, _ b: Entry) -> Bool {
    if a.value == b.value || (a.value.isNaN && b.value.isNaN) { return a.position < b.position }
    return a.value.isNaN || a.value > b.value
  }

  private func ordered(
    prefix: Int, _ precedes: @Sendable (Entry, Entry) -> Bool
  ) -> (Tensor, IndexTensor) {
    let columns = shape[-1]
    let result = shape.replacing(axis: -1, with: prefix)
    let values = Tensor(uninitialized: result)
    let rows = columns == 0 ? 0 : count / columns
    let indices = unsafe [Int32](unsafeUninitializedCapacity: result.elementCount) {
      out, initialized in
      let out = out.baseAddress
      parallelFor(rows, grain: rowGrain(columns * 8)) { range in
        for row in range {
          // Safe: `row` is one of the `rows` rows of `columns` elements.
          let entries = (0..<columns).map { unsafe (storage.floats[row * columns + $0], $0) }
          for (place, entry) in entries.smallest(prefix, by: precedes).enumerated() {
            unsafe values.storage.floats[row * prefix + place] = entry.0
            unsafe out?[row * prefix + place] = Int32(entry.1)
          }
        }
      }
      initialized = result.elementCount
    }
    withExtendedLifetime(self) {}
    return (values, IndexTensor(indices, shape: result))
  }
}

extension Array {
  /// The first `count` elements of the sorted array: O(n log count) where few are wanted.
  fileprivate func smallest(
    _ count: Int, by precedes: (Element, Element) -> Bool
  ) -> ArraySlice<Element> {
    guard count < self.count / 4, count > 0 else {
      return sorted(by: precedes).prefix(count)
    }
    // Kept in order; most elements are turned away by the first comparison.
    var best: [Element] = []
    for element in self {
      if best.count == count {
        guard precedes(element, best[count - 1]) else { continue }
        best.removeLast()
      }
      var (low, high) = (0, best.count)
      while low < high {
        let middle = (low + high) / 2
        if precedes(best[middle], element) { low = middle + 1 } else { high = middle }
      }
      best.insert(element, at: low)
    }
    return best[...]
  }
}
