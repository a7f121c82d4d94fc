public import Backbone
public import Tensor

/// Where the pixels of a network's output lie in its input: each is a cell of `stride` pixels along
/// an axis, the last one of fewer where the input ends.
///
/// Stretching the output to the input's size instead moves it, by up to half a cell at the end; a
/// mirror image is moved the other way, and the mean of both is blurred.
public struct CellGrid {
  private let stride: Int
  /// The row or column that the first cell stands for, in an input of so many.
  private let first: (Int) -> Double

  /// Of a network whose labels were taken at the middle of cells: `LabelMap.atCells(height:width:)`.
  public init(stride: Int) {
    self.stride = stride
    first = { _ in Double(stride - 1) / 2 }
  }

  /// Of a network that learned without places: a cell stands for what its features are centred on.
  public init(_ backbone: any FeatureExtractor) {
    stride = backbone.outputStride
    first = { Double(backbone.firstCenter(of: $0)) }
  }

  /// Maps at the size of the picture that the input was a scaled copy of.
  ///
  /// - Parameters:
  ///   - maps: `[1, h, w, C]`.
  ///   - input: Height and width of the network's input.
  ///   - picture: Height and width of the picture.
  /// - Returns: `[1, height, width, C]`; bilinear, in place to half a pixel of the picture.
  public func enlarged(
    _ maps: Tensor, from input: (height: Int, width: Int), to picture: (height: Int, width: Int)
  ) -> Tensor {
    func axis(_ cells: Int, _ input: Int, _ picture: Int) -> (size: Int, shift: Int) {
      let zoom = Double(picture) / Double(input)
      let size = Int((Double(cells * stride) * zoom).rounded())
      let shift = (first(input) - Double(stride - 1) / 2) * zoom
      return (max(size, picture), Int(shift.rounded()))
    }
    func places(_ picture: Int, _ axis: (size: Int, shift: Int)) -> IndexTensor {
      IndexTensor((0..<picture).map { Int32(min(max($0 - axis.shift, 0), axis.size - 1)) })
    }
    let rows = axis(maps.shape[1], input.height, picture.height)
    let columns = axis(maps.shape[2], input.width, picture.width)
    return maps.resized(height: rows.size, width: columns.size)
      .gather(places(picture.height, rows), axis: 1)
      .gather(places(picture.width, columns), axis: 2)
  }

  /// Pixels a cell where `length` of them became `cells`: a power of 2, as of all our networks.
  fileprivate static func stride(_ length: Int, _ cells: Int) -> Int {
    var stride = 1
    while stride * cells < length { stride *= 2 }
    return stride
  }
}

extension LabelMap {
  /// The labels at the middle of a network's cells.
  ///
  /// - Parameters:
  ///   - height: The network's rows.
  ///   - width: The network's columns.
  /// - Returns: `[N, height, width]` for `[N, H, W]`.
  public func atCells(height: Int, width: Int) -> LabelMap {
    func places(_ length: Int, _ cells: Int) -> [Int] {
      let stride = CellGrid.stride(length, cells)
      return (0..<cells).map { min($0 * stride + stride / 2, length - 1) }
    }
    let (rows, columns) = (places(shape[1], height), places(shape[2], width))
    let taken = (0..<shape[0]).flatMap { image in
      rows.flatMap { row in
        columns.map { labels[(image * shape[1] + row) * shape[2] + $0] }
      }
    }
    return LabelMap(taken, shape: [shape[0], height, width])
  }
}

extension Tensor {
  /// Maps `[H, W, K]` at the middle of a network's cells: `[height, width, K]`, bilinear.
  public func mapsAtCells(height: Int, width: Int) -> Tensor {
    func places(_ length: Int, _ cells: Int) -> IndexTensor {
      let stride = CellGrid.stride(length, cells)
      return IndexTensor((0..<max(cells * stride, length)).map { Int32(min($0, length - 1)) })
    }
    return gather(places(shape[0], height), axis: 0).gather(places(shape[1], width), axis: 1)
      .mapsResized(height: height, width: width)
  }
}
