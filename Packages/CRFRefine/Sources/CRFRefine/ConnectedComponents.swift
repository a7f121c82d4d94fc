/// Pixels of one value that touch by a side, numbered from 1 in the order of their first pixel, row
/// by row; 0 where the value is negative.
struct ConnectedComponents {
  let labels: [Int32]
  /// The value of each component.
  let values: [Int32]

  init(_ values: [Int32], width: Int) {
    var labels = [Int32](repeating: 0, count: values.count)
    var found: [Int32] = []
    var pending: [Int] = []
    for start in values.indices where values[start] >= 0 && labels[start] == 0 {
      let value = values[start]
      found.append(value)
      let label = Int32(found.count)
      labels[start] = label
      pending.append(start)
      while let pixel = pending.popLast() {
        let x = pixel % width
        func visit(_ other: Int, if exists: Bool) {
          guard exists, values[other] == value, labels[other] == 0 else { return }
          labels[other] = label
          pending.append(other)
        }
        visit(pixel - width, if: pixel >= width)
        visit(pixel + width, if: pixel + width < values.count)
        visit(pixel - 1, if: x > 0)
        visit(pixel + 1, if: x < width - 1)
      }
    }
    self.labels = labels
    self.values = found
  }
}
