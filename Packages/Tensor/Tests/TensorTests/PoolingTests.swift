import Foundation
import Tensor
import TensorTestSupport
import Testing

@Suite("Pooling and resizing")
struct PoolingTests {
  static let shapes: [Shape] = [[2, 7, 9, 3], [1, 17, 15, 16], [1, 5, 5, 17], [1, 3, 2, 1]]
  static let windows: [PoolingParameters] = [
    .init(kernelSize: 2), .init(kernelSize: 3, stride: 2, padding: 1),
    .init(kernelSize: 2, stride: 1),
    .init(kernelSize: 3, stride: 2, ceilMode: true),
    .init(kernelSize: 3, stride: 3, padding: 1, ceilMode: true, countsPadding: false),
    .init(kernelSize: 1),
  ]

  /// PyTorch's number of windows: with `ceilMode` none starts in the far padding.
  func outputs(_ size: Int, _ p: PoolingParameters) -> Int {
    let room = size + 2 * p.padding - p.kernelSize
    var count = (p.ceilMode ? (room + p.stride - 1) : room) / p.stride + 1
    if p.ceilMode, (count - 1) * p.stride >= size + p.padding { count -= 1 }
    return count
  }

  @Test("windows hold the pixels PyTorch's do", arguments: shapes)
  func pooling(shape: Shape) {
    let input = randomTensor(shape)
    for p in Self.windows where min(shape[1], shape[2]) + 2 * p.padding >= p.kernelSize {
      let result: Shape = [shape[0], outputs(shape[1], p), outputs(shape[2], p), shape[3]]
      /// Rows or columns of a window, and how many of them a mean counts.
      func span(_ index: Int, _ size: Int) -> (inside: Range<Int>, counted: Int) {
        let start = index * p.stride - p.padding
        let end = min(start + p.kernelSize, size + p.padding)
        let inside = max(start, 0)..<min(end, size)
        return (inside, p.countsPadding ? end - start : inside.count)
      }
      func members(_ index: [Int]) -> [Double] {
        span(index[1], shape[1]).inside.flatMap { y in
          span(index[2], shape[2]).inside.map { at(input, [index[0], y, $0, index[3]]) }
        }
      }
      let maximum = tensor(result) { members($0).max() ?? .nan }
      let (values, positions) = input.maxPooled(p)
      #expect(values.shape == result && values.scalars == maximum.scalars, "\(p)")
      for (place, index) in everyIndex(result).enumerated() {
        let position = Int(positions.indices[place])
        #expect(
          at(input, [index[0], position / shape[2], position % shape[2], index[3]])
            == at(values, index))
      }
      let mean = tensor(result) {
        members($0).reduce(0, +)
          / Double(span($0[1], shape[1]).counted * span($0[2], shape[2]).counted)
      }
      #expect(
        difference(from: mean, input.averagePooled(p), relative: 1e-6, absolute: 1e-6) == nil,
        "\(p)")
      let upstream = randomTensor(result, seed: 2)
      var chosen = [Double](repeating: 0, count: shape.elementCount)
      for (place, index) in everyIndex(result).enumerated() {
        let pixel = index[0] * shape[1] * shape[2] + Int(positions.indices[place])
        chosen[pixel * shape[3] + index[3]] += at(upstream, index)
      }
      #expect(
        difference(
          from: Tensor(chosen.map(Float.init), shape: shape),
          upstream.maxPoolGradient(positions, p, to: shape), relative: 1e-6, absolute: 1e-6) == nil)
      let meanGradient = upstream.averagePoolGradient(p, to: shape)
      #expect(
        abs(((meanGradient * input).sum() - (upstream * mean).sum()).scalar) < 1e-3, "\(p)")
    }
  }

  @Test("adaptive windows share the picture", arguments: shapes)
  func adaptive(shape: Shape) {
    let input = randomTensor(shape)
    for (height, width) in [(1, 1), (2, 3), (shape[1], shape[2])] {
      let expected = tensor([shape[0], height, width, shape[3]]) { index in
        let rows = index[1] * shape[1] / height..<((index[1] + 1) * shape[1] + height - 1) / height
        let columns = index[2] * shape[2] / width..<((index[2] + 1) * shape[2] + width - 1) / width
        var sum = 0.0
        for y in rows { for x in columns { sum += at(input, [index[0], y, x, index[3]]) } }
        return sum / Double(rows.count * columns.count)
      }
      let found = input.adaptiveAveragePooled(height: height, width: width)
      #expect(difference(from: expected, found, relative: 1e-6, absolute: 1e-6) == nil)
      let upstream = randomTensor(found.shape, seed: 2)
      let gradient = upstream.adaptiveAveragePoolGradient(to: shape)
      #expect(abs(((gradient * input).sum() - (upstream * expected).sum()).scalar) < 1e-3)
    }
  }

  @Test("the mean of the largest values, and where they are", arguments: shapes)
  func topK(shape: Shape) {
    let input = randomTensor(shape)
    let pixels = shape[1] * shape[2]
    for count in [1, pixels / 2 + 1, pixels] {
      let (values, positions) = input.topKPooled(count)
      let expected = tensor([shape[0], shape[3]]) { index in
        let channel = (0..<pixels).map {
          at(input, [index[0], $0 / shape[2], $0 % shape[2], index[1]])
        }
        return channel.sorted(by: >).prefix(count).reduce(0, +) / Double(count)
      }
      #expect(difference(from: expected, values, relative: 1e-6, absolute: 1e-6) == nil)
      #expect(positions.shape == [shape[0], shape[3], count])
      let upstream = randomTensor(values.shape, seed: 4)
      let gradient = upstream.topKPoolGradient(positions, to: shape)
      let left = (gradient * input).sum().scalar
      #expect(abs(left - (upstream * values).sum().scalar) < 1e-3)
      #expect(gradient.nonzeroCount == shape[0] * shape[3] * count)
    }
  }

  @Test("samples lie where PyTorch puts them", arguments: shapes)
  func resizing(shape: Shape) {
    let input = randomTensor(shape)
    for mode in [ResizeMode.nearest, .bilinear, .bilinearAlignedCorners] {
      for (height, width) in [(1, 1), (5, 3), (15, 17), (shape[1], shape[2]), (2 * shape[1], 31)] {
        /// The two source pixels of a result's pixel along an axis and the second one's weight.
        func source(_ index: Int, _ size: Int, _ result: Int) -> (Int, Int, Double) {
          switch mode {
          case .nearest:
            return (index * size / result, 0, 0)
          case .bilinear:
            let place = max((Double(index) + 0.5) * Double(size) / Double(result) - 0.5, 0)
            return (Int(place), min(Int(place) + 1, size - 1), place - floor(place))
          case .bilinearAlignedCorners:
            let place = result > 1 ? Double(index * (size - 1)) / Double(result - 1) : 0
            return (Int(place), min(Int(place) + 1, size - 1), place - floor(place))
          }
        }
        let expected = tensor([shape[0], height, width, shape[3]]) { index in
          let (top, bottom, down) = source(index[1], shape[1], height)
          let (left, right, across) = source(index[2], shape[2], width)
          let pixel = { (y: Int, x: Int) in at(input, [index[0], y, x, index[3]]) }
          return (1 - down) * ((1 - across) * pixel(top, left) + across * pixel(top, right))
            + down * ((1 - across) * pixel(bottom, left) + across * pixel(bottom, right))
        }
        let found = input.resized(height: height, width: width, mode)
        #expect(
          difference(from: expected, found, relative: 1e-5, absolute: 1e-5) == nil,
          "\(mode) to \(height) x \(width)")
        let upstream = randomTensor(found.shape, seed: 3)
        let left = (found * upstream).sum().scalar
        let right = (input * upstream.resizeGradient(to: shape, mode)).sum().scalar
        #expect(abs(left - right) < 2e-3, "\(mode) to \(height) x \(width)")
      }
    }
  }
}
