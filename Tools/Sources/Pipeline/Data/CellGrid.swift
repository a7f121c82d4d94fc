public import Tensor

/// Where the pixels of a network's output lie in its input: each is a cell of `stride` pixels along
/// an axis, the last one of fewer where the input ends, and learned what is at the cell's middle
/// (`LabelMap.atCells(height:width:)`).
///
/// Stretching the output to the input's size instead moves it, by up to half a cell at the end; a
/// mirror image is moved the other way, and the mean of both is blurred.
public struct CellGrid {
  private let stride: Int

  /// Of a network with an output stride.
  public init(stride: Int) { self.stride = stride }

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
    func size(_ cells: Int, _ input: Int, _ picture: Int) -> Int {
      max(Int((Double(cells * stride * picture) / Double(input)).rounded()), picture)
    }
    return maps.resized(
      height: size(maps.shape[1], input.height, picture.height),
      width: size(maps.shape[2], input.width, picture.width)
    ).sliced([.all, AxisRange(0..<picture.height), AxisRange(0..<picture.width)])
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
      return IndexTensor(
        (0..<Swift.max(cells * stride, length)).map {
          Int32(Swift.min($0, length - 1))
        })
    }
    return gather(places(shape[0], height), axis: 0).gather(places(shape[1], width), axis: 1)
      .mapsResized(height: height, width: width)
  }
}
