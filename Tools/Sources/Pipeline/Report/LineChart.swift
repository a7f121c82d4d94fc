internal import Foundation

/// A value over the steps of a training: as it was, and smoothed.
///
/// However many steps there are, a curve has at most `columns` points: then what the values spread
/// over in each column is drawn as a band.
package struct LineChart {
  private let title: String
  private let values: [Double]
  private let firstStep: Int

  /// The points of a curve at the most.
  package static let columns = 200
  private static let (width, height) = (300.0, 140.0)
  private static let (left, right, top, bottom) = (42.0, 10.0, 8.0, 20.0)

  /// - Parameters:
  ///   - title: What the values are.
  ///   - values: The values, step by step.
  ///   - firstStep: The number of the first step, from 0.
  package init(title: String, values: [Double], firstStep: Int = 0) {
    (self.title, self.values, self.firstStep) = (title, values, firstStep)
  }

  /// The least, the mean and the largest value of each column.
  private var spread: [(low: Double, mean: Double, high: Double)] {
    let count = min(values.count, Self.columns)
    return (0..<count).map { column in
      let part = values[column * values.count / count..<(column + 1) * values.count / count]
      return (part.min() ?? 0, part.reduce(0, +) / Double(part.count), part.max() ?? 0)
    }
  }

  /// The mean over the columns around each one.
  package static func smoothed(_ values: [Double]) -> [Double] {
    let reach = max(values.count / 24, 1)
    return values.indices.map { index in
      let part = values[max(index - reach, 0)...min(index + reach, values.count - 1)]
      return part.reduce(0, +) / Double(part.count)
    }
  }

  /// Two to five round numbers that lie in a range.
  package static func ticks(_ range: ClosedRange<Double>) -> [Double] {
    let length = range.upperBound - range.lowerBound
    guard length > 0, length.isFinite else { return [range.lowerBound] }
    let magnitude = pow(10, floor(log10(length / 2)))
    let step = [5, 2, 1].map { $0 * magnitude }.first { length / $0 >= 2 } ?? magnitude
    let first = Int((range.lowerBound / step).rounded(.up))
    let last = Int((range.upperBound / step).rounded(.down))
    return (first...max(first, last)).map { Double($0) * step }
  }

  /// A round number with as many digits as its neighbours need: `0.05`, `4`, `2e-4`.
  package static func label(_ tick: Double, among ticks: [Double]) -> String {
    let largest = ticks.map(abs).max() ?? 0
    if tick == 0 { return "0" }
    if largest < 0.001 || largest >= 100_000 {
      let exponent = Int(floor(log10(abs(tick)) + 1e-9))
      let mantissa = tick / pow(10, Double(exponent))
      let isWhole = abs(mantissa - mantissa.rounded()) < 0.05
      return String(format: isWhole ? "%.0f" : "%.1f", mantissa) + "e\(exponent)"
    }
    let step = ticks.count > 1 ? ticks[1] - ticks[0] : abs(tick)
    let digits = max(0, -Int(floor(log10(step) + 1e-9)))
    return String(format: "%.\(digits)f", tick)
  }

  /// What is shown of the values: all but the rarest hundredth, so that one jump hides nothing.
  private func range(_ smoothed: [Double]) -> ClosedRange<Double> {
    let sorted = values.sorted()
    let rare = sorted.count / 100
    var low = min(sorted[rare], smoothed.min() ?? 0)
    let high = max(sorted[sorted.count - 1 - rare], smoothed.max() ?? 0)
    if low >= 0 && low < high / 2 { low = 0 }
    return high > low ? low...high : low - 0.5...high + 0.5
  }

  /// The chart; nothing without values.
  package var svg: HTML {
    let finite = values.filter(\.isFinite)
    guard finite.count == values.count, let last = values.last, let first = values.first else {
      return .nothing
    }
    let spread = spread
    let smoothed = Self.smoothed(spread.map(\.mean))
    let range = range(smoothed)
    let (plotWidth, plotHeight) = (
      Self.width - Self.left - Self.right, Self.height - Self.top - Self.bottom
    )
    func x(_ column: Int) -> Double {
      Self.left + plotWidth * (spread.count > 1 ? Double(column) / Double(spread.count - 1) : 0.5)
    }
    func y(_ value: Double) -> Double {
      let clamped = max(range.lowerBound, min(range.upperBound, value))
      return Self.top + plotHeight
        * (1 - (clamped - range.lowerBound) / (range.upperBound - range.lowerBound))
    }
    func line(_ values: [Double]) -> HTML {
      values.enumerated().html { "\($0.offset > 0 ? " " : "")\(x($0.offset)),\(y($0.element))" }
    }
    let ticks = Self.ticks(range)
    let grid = ticks.html { tick in
      """
      <line class="grid" x1="\(Self.left)" x2="\(Self.width - Self.right)" y1="\(y(tick))" \
      y2="\(y(tick))"/><text x="\(Self.left - 6)" y="\(y(tick) + 3.5)" \
      text-anchor="end">\(Self.label(tick, among: ticks))</text>
      """
    }
    let raw: HTML
    if values.count > spread.count {
      let back = spread.indices.reversed().html { " \(x($0)),\(y(spread[$0].low))" }
      raw = "<polygon class=\"band\" points=\"\(line(spread.map(\.high)))\(back)\"/>"
    } else {
      raw = "<polyline class=\"raw\" points=\"\(line(values))\"/>"
    }
    let text = "\(title): from \(Figures.short(first)) to \(Figures.short(last))"
    return """
      <svg class="chart" viewBox="0 0 \(Self.width) \(Self.height)" role="img" \
      aria-label="\(text)">\(grid)\(raw)<polyline class="line" points="\(line(smoothed))"/>\
      <text x="\(Self.left)" y="\(Self.height - 5)">\(Figures.grouped(firstStep + 1))</text>\
      <text x="\(Self.width - Self.right)" y="\(Self.height - 5)" \
      text-anchor="end">\(Figures.grouped(firstStep + values.count))</text></svg>
      """
  }
}
