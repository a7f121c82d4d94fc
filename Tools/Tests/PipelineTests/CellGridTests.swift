import Datasets
import Pipeline
import Tensor
import Testing

/// Labels go to a network's cells and its scores come back: what the labels showed is where it was.
@Suite("Cells of a network")
struct CellGridTests {
  /// An ellipse of class 1 in a picture: `[1, H, W]`.
  private func ellipse(height: Int, width: Int, flipped: Bool = false) -> LabelMap {
    var labels = [UInt8](repeating: 0, count: height * width)
    for row in 0..<height {
      for column in 0..<width {
        let x = Double(flipped ? width - 1 - column : column) / Double(width) - 0.6
        let y = Double(row) / Double(height) - 0.55
        if x * x / 0.08 + y * y / 0.06 < 1 { labels[row * width + column] = 1 }
      }
    }
    return LabelMap(labels, shape: [1, height, width])
  }

  /// Scores of a network that has learned its labels: `[1, h, w, 2]`.
  private func scores(_ labels: LabelMap) -> Tensor {
    Tensor(
      labels.labels.flatMap { [$0 == 0 ? Float(1) : 0, $0 == 1 ? 1 : 0] },
      shape: [1, labels.shape[1], labels.shape[2], 2])
  }

  @Test(
    "a mask comes back in its place, and from a mirror image too",
    arguments: [(375, 500, 16), (128, 128, 8), (333, 251, 16), (61, 47, 4)])
  func roundTrip(height: Int, width: Int, stride: Int) {
    let truth = ellipse(height: height, width: width).labels
    let (rows, columns) = ((height + stride - 1) / stride, (width + stride - 1) / stride)
    let grid = CellGrid(stride: stride)
    for isFlipped in [false, true] {
      let cells = ellipse(height: height, width: width, flipped: isFlipped)
        .atCells(height: rows, width: columns)
      var map = grid.enlarged(
        scores(cells), from: (height, width), to: (height, width))
      if isFlipped { map = map.flipped([2]) }
      let found = map.argmax(3).indices.map { UInt8($0) }
      let pairs = zip(found, truth)
      let both = pairs.filter { $0 == 1 && $1 == 1 }.count
      let either = pairs.filter { $0 == 1 || $1 == 1 }.count
      #expect(Double(both) / Double(either) > 0.87, "\(isFlipped)")
      // The centre is where it was, but for half a pixel, as a cell has no middle one, and an eighth
      // of a cell, as its label is that of one pixel.
      func center(_ labels: [UInt8], _ place: (Int) -> Int) -> Double {
        let inside = labels.indices.filter { labels[$0] == 1 }
        return Double(inside.map(place).reduce(0, +)) / Double(inside.count)
      }
      for place in [{ $0 % width }, { $0 / width }] as [(Int) -> Int] {
        let shift = center(found, place) - center(truth, place)
        #expect(abs(shift) < 0.4 + Double(stride) / 12, "\(isFlipped): \(shift)")
      }
    }
  }

  @Test("maps are shrunk by whole cells, the last one filled up with what is beside it")
  func shrunk() {
    let maps = Tensor((0..<10).map { Float($0) }, shape: [1, 10, 1])
    #expect(maps.mapsAtCells(height: 1, width: 3).scalars == [1.5, 5.5, 9])
  }
}
