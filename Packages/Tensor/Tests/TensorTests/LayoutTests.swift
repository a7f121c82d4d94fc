import Tensor
import Testing

@Suite("Layout")
struct LayoutTests {
  static let shapes: [Shape] = [
    [7], [3, 5], [17, 15], [2, 3, 4], [1, 5, 1, 3], [2, 3, 0, 4], [33, 2, 18],
  ]

  @Test("transposition permutes axes", arguments: shapes)
  func transposition(shape: Shape) {
    let input = randomTensor(shape)
    let forward = Array(0..<shape.rank)
    for order in [forward, forward.reversed(), Array(forward.dropFirst()) + forward.prefix(1)] {
      let expected = tensor(Shape(order.map { shape[$0] })) { index in
        var source = [Int](repeating: 0, count: shape.rank)
        for (axis, from) in order.enumerated() { source[from] = index[axis] }
        return at(input, source)
      }
      let found = input.transposed(order)
      #expect(found.shape == expected.shape && found.scalars == expected.scalars, "\(order)")
    }
  }

  @Test("slices follow Python's bounds and steps, and their adjoint puts back", arguments: shapes)
  func slices(shape: Shape) {
    let input = randomTensor(shape)
    let choices: [AxisRange] = [
      .all, AxisRange(start: 1), AxisRange(stop: -1), AxisRange(start: -2, stop: 100),
      AxisRange(start: 0, step: 2), AxisRange(start: 1, stop: 1),
    ]
    for (shift, _) in choices.enumerated() {
      let ranges = (0..<shape.rank).map { choices[($0 + shift) % choices.count] }
      let sources = zip(ranges, shape).map { range, size in
        let bound = { (index: Int) in min(max(index < 0 ? index + size : index, 0), size) }
        return Array(
          stride(from: bound(range.start), to: range.stop.map(bound) ?? size, by: range.step))
      }
      let part = input.sliced(ranges)
      let expected = tensor(Shape(sources.map(\.count))) { index in
        at(input, zip(index, sources).map { $1[$0] })
      }
      #expect(part.shape == expected.shape && part.scalars == expected.scalars, "\(ranges)")
      let back = part.unsliced(ranges, to: shape)
      let expectedBack = tensor(shape) { index in
        zip(index, sources).allSatisfy { $1.contains($0) } ? at(input, index) : 0
      }
      #expect(back.scalars == expectedBack.scalars, "\(ranges)")
    }
  }

  @Test("flips, tiles and stacks go element by element", arguments: shapes)
  func flipsAndTiles(shape: Shape) {
    let input = randomTensor(shape)
    let last = shape.rank - 1
    let flipped = tensor(shape) { index in
      at(input, index.enumerated().map { $0 == 0 || $0 == last ? shape[$0] - 1 - $1 : $1 })
    }
    #expect(input.flipped([0, -1]).scalars == flipped.scalars || shape.rank == 1)
    let counts = (0..<shape.rank).map { 1 + ($0 + 1) % 3 }
    let tiled = tensor(Shape(zip(shape, counts).map { $0 * $1 })) { index in
      at(input, zip(index, shape).map { $0 % $1 })
    }
    #expect(input.tiled(counts).scalars == tiled.scalars)
    let other = randomTensor(shape, seed: 9)
    for axis in 0...shape.rank {
      let stacked = Tensor(stacking: [input, other], axis: axis)
      var sizes = shape.dimensions
      sizes.insert(2, at: axis)
      let expected = tensor(Shape(sizes)) { index in
        var source = index
        return at(source.remove(at: axis) == 0 ? input : other, source)
      }
      #expect(stacked.shape == expected.shape && stacked.scalars == expected.scalars)
    }
  }

  @Test("what is concatenated splits again", arguments: shapes)
  func concatenation(shape: Shape) {
    for axis in 0..<shape.rank {
      let sizes = [shape[axis], 1, 0, 4]
      let parts = sizes.enumerated().map {
        randomTensor(shape.replacing(axis: axis, with: $1), seed: UInt64($0))
      }
      let whole = Tensor(concatenating: parts, axis: axis)
      #expect(whole.shape[axis] == sizes.reduce(0, +))
      let again = whole.split(sizes, axis: axis)
      #expect(zip(parts, again).allSatisfy { $0.shape == $1.shape && $0.scalars == $1.scalars })
      if shape[axis] > 0, whole.count > 0 {
        var index = [Int](repeating: 0, count: shape.rank)
        index[axis] = shape[axis]
        #expect(at(whole, index) == at(parts[1], [Int](repeating: 0, count: shape.rank)))
      }
    }
  }

  @Test(
    "borders are constant, mirrored or repeated",
    arguments: [PaddingMode.constant(7), .reflect, .replicate])
  func padding(mode: PaddingMode) {
    let input = randomTensor([2, 5, 4, 3])
    let widths = [(before: 0, after: 0), (before: 2, after: 4), (before: 3, after: 0)]
    let expected = tensor([2, 11, 7, 3]) { index in
      var source = index
      for (axis, width) in widths.enumerated() {
        let size = input.shape[axis]
        var place = index[axis] - width.before
        if place < 0 || place >= size {
          switch mode {
          case .constant(let value): return Double(value)
          case .reflect: place = place < 0 ? -place : 2 * size - 2 - place
          case .replicate: place = min(max(place, 0), size - 1)
          }
        }
        source[axis] = place
      }
      return at(input, source)
    }
    let padded = input.padded(widths, mode)
    #expect(padded.shape == expected.shape && padded.scalars == expected.scalars)
    // The adjoint: <pad(x), y> = <x, unpad(y)> for the linear part.
    let upstream = randomTensor(padded.shape, seed: 8)
    let linear = mode == .constant(7) ? input.padded(widths) : padded
    let left = (linear * upstream).sum().scalar
    let right = (input * upstream.unpadded(widths, mode, to: input.shape)).sum().scalar
    #expect(abs(left - right) < 1e-3)
  }

  @Test("rows are gathered and added back where they came from")
  func rows() {
    for columns in [1, 15, 17, 130] {
      let input = randomTensor([9, columns])
      let indices = IndexTensor([3, 3, 0, 8, 1, 3], shape: [2, 3])
      let gathered = input.gatherRows(indices)
      #expect(gathered.shape == [2, 3, columns])
      #expect(
        gathered.scalars
          == tensor(gathered.shape) {
            at(input, [Int(indices.indices[$0[0] * 3 + $0[1]]), $0[2]])
          }.scalars)
      let back = gathered.scatterAddRows(indices, rows: 9)
      let times: [Double] = [1, 1, 0, 3, 0, 0, 0, 0, 1]
      #expect(
        zip(back.scalars, tensor(input.shape) { times[$0[0]] * at(input, $0) }.scalars)
          .allSatisfy { abs($0 - $1) < 1e-5 })
    }
    #expect(Tensor.zeros([0, 3]).gatherRows(IndexTensor([])).shape == [0, 3])
    #expect(randomTensor([3, 2]).selectRows([true, false, true]).shape == [2, 2])
  }

  @Test("order along rows is stable, and NaN is the largest")
  func order() {
    let rows = Tensor([3, .nan, 1, 3, 2, 2, 2, 2], shape: [2, 4])
    let (values, positions) = rows.topK(3)
    #expect(values.scalars[0].isNaN && values.scalars[1...2] == [3, 3])
    #expect(positions.indices == [1, 0, 3, 0, 1, 2])
    #expect(rows.sorted().indices.indices == [2, 0, 3, 1, 0, 1, 2, 3])
    #expect(rows.sortedPositions(descending: true).indices == [1, 0, 3, 2, 0, 1, 2, 3])
    let random = randomTensor([5, 1001])
    let sorted = random.sorted().values
    for row in 0..<5 {
      let part = random.sliced(row..<row + 1, axis: 0).scalars
      #expect(sorted.sliced(row..<row + 1, axis: 0).scalars == part.sorted())
    }
    let (distinct, counts, inverse) = Tensor([2, 1, 2, 5], shape: [2, 2]).unique()
    #expect(distinct.scalars == [1, 2, 5] && counts == [1, 2, 1])
    #expect(inverse == IndexTensor([1, 0, 1, 2], shape: [2, 2]))
    #expect(Tensor.zeros([0]).unique().values.count == 0)
  }

  @Test("one-hot leaves ignored pixels 0, and the argmax gives the labels back")
  func oneHot() {
    let labels = LabelMap([0, 2, 255, 1], shape: [2, 2])
    let hot = Tensor(oneHot: labels, classes: 3)
    #expect(hot.scalars == [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0])
    #expect(LabelMap(argmaxOf: hot).labels == [0, 2, 0, 1])
  }
}
