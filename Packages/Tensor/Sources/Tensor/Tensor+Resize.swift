internal import CKernels

/// How an image is brought to another size; each as `torch.nn.functional.interpolate` does it.
public enum ResizeMode: Sendable, Hashable {
  /// The pixel whose area covers the sample's.
  case nearest
  /// Between the four pixels around the sample; pixels are areas.
  case bilinear
  /// The same with corner pixels on corner pixels; pixels are points.
  case bilinearAlignedCorners
}

/// Resizing images `[N, H, W, C]`.
extension Tensor {
  /// The images at another size.
  ///
  /// - Precondition: Neither size is 0.
  public func resized(height: Int, width: Int, _ mode: ResizeMode = .bilinear) -> Tensor {
    let plan = ResizePlan(shape, height, width, mode)
    if mode != .nearest && shape[1] == height && shape[2] == width { return self }
    let result = Tensor(uninitialized: [shape[0], height, width, shape[3]])
    unsafe plan.withPlan { plan in
      parallelFor(result.pixelRows, grain: rowGrain(result.rowLength)) { range in
        // Safe: samples lie in the picture, chunks write rows of their own.
        unsafe ck_resize_rows(
          plan, result.storage.floats, storage.floats, range.lowerBound, range.upperBound)
      }
    }
    withExtendedLifetime(self) {}
    return result
  }

  /// The adjoint of `resized`; `self` is the gradient of its result.
  ///
  /// - Parameters:
  ///   - shape: The images' shape before.
  ///   - mode: As given to `resized`.
  /// - Returns: The gradient of the images.
  public func resizeGradient(to shape: Shape, _ mode: ResizeMode = .bilinear) -> Tensor {
    check(
      rank == 4 && shape.rank == 4 && self.shape[0] == shape[0] && self.shape[3] == shape[3],
      "resizeGradient: upstream \(self.shape), images \(shape)")
    if mode != .nearest && self.shape == shape { return self }
    let plan = ResizePlan(shape, self.shape[1], self.shape[2], mode)
    let gradient = Tensor(uninitialized: shape)
    let (first, last) = plan.touchingRows
    unsafe plan.withPlan { plan in
      parallelFor(gradient.pixelRows, grain: rowGrain(gradient.rowLength)) { range in
        // Safe: chunks write source rows of their own.
        unsafe ck_resize_rows_gradient(
          plan, gradient.storage.floats, storage.floats, first, last, range.lowerBound,
          range.upperBound)
      }
    }
    withExtendedLifetime(self) {}
    return gradient
  }
}

extension LabelMap {
  /// The label map at another size; each pixel takes the label of the pixel that covers it.
  ///
  /// - Precondition: `[H, W]` or `[N, H, W]`; no size is 0.
  public func resized(height: Int, width: Int) -> LabelMap {
    check(shape.rank == 2 || shape.rank == 3, "LabelMap.resized: shape \(shape)")
    let (h, w) = (shape[-2], shape[-1])
    check(
      height > 0 && width > 0 && h > 0 && w > 0,
      "LabelMap.resized: \(shape) to \(height) x \(width)")
    let rows = ResizeAxis(source: h, result: height, .nearest).below
    let columns = ResizeAxis(source: w, result: width, .nearest).below
    var result: [UInt8] = []
    result.reserveCapacity(count / (h * w) * height * width)
    for image in 0..<count / (h * w) {
      for row in rows {
        let start = (image * h + Int(row)) * w
        for column in columns { result.append(labels[start + Int(column)]) }
      }
    }
    return LabelMap(
      result, shape: Shape(shape.dimensions.dropLast(2) + [height, width]))
  }
}

/// Where the samples of one axis lie.
struct ResizeAxis {
  var below: [Int32] = []
  var above: [Int32] = []
  var weight: [Float] = []

  init(source: Int, result: Int, _ mode: ResizeMode) {
    for index in 0..<result {
      let position: Float
      switch mode {
      case .nearest:
        position = (Float(index) * (Float(source) / Float(result))).rounded(.down)
      case .bilinear:
        position = Swift.max((Float(index) + 0.5) * (Float(source) / Float(result)) - 0.5, 0)
      case .bilinearAlignedCorners:
        position = result > 1 ? Float(index) * (Float(source - 1) / Float(result - 1)) : 0
      }
      let low = Swift.min(Int(position), source - 1)
      below.append(Int32(low))
      above.append(Int32(Swift.min(low + 1, source - 1)))
      weight.append(mode == .nearest ? 0 : Swift.min(Swift.max(position - Float(low), 0), 1))
    }
  }
}

private struct ResizePlan {
  private let shape: Shape
  private let rows: ResizeAxis
  private let columns: ResizeAxis

  init(_ shape: Shape, _ height: Int, _ width: Int, _ mode: ResizeMode) {
    check(shape.rank == 4, "resized: shape \(shape), expected [N, H, W, C]")
    check(
      height > 0 && width > 0 && shape[1] > 0 && shape[2] > 0,
      "resized: \(shape) to \(height) x \(width)")
    self.shape = shape
    rows = ResizeAxis(source: shape[1], result: height, mode)
    columns = ResizeAxis(source: shape[2], result: width, mode)
  }

  /// For each source row, the result rows that touch it.
  var touchingRows: (first: [Int32], last: [Int32]) {
    var first = [Int32](repeating: 0, count: shape[1])
    var last = first
    for (result, (below, above)) in zip(rows.below, rows.above).enumerated() {
      for row in [Int(below), Int(above)] {
        if last[row] == 0 { first[row] = Int32(result) }
        last[row] = Int32(result + 1)
      }
    }
    return (first, last)
  }

  func withPlan(_ body: (UnsafePointer<ck_resize>) -> Void) {
    unsafe rows.below.withUnsafeBufferPointer { rowBelow in
      unsafe rows.above.withUnsafeBufferPointer { rowAbove in
        unsafe rows.weight.withUnsafeBufferPointer { rowWeight in
          unsafe columns.below.withUnsafeBufferPointer { columnBelow in
            unsafe columns.above.withUnsafeBufferPointer { columnAbove in
              unsafe columns.weight.withUnsafeBufferPointer { columnWeight in
                let plan = unsafe ck_resize(
                  height: shape[1], width: shape[2], channels: shape[3],
                  out_height: rowBelow.count, out_width: columnBelow.count,
                  row_below: rowBelow.baseAddress, row_above: rowAbove.baseAddress,
                  column_below: columnBelow.baseAddress, column_above: columnAbove.baseAddress,
                  row_weight: rowWeight.baseAddress, column_weight: columnWeight.baseAddress)
                unsafe withUnsafePointer(to: plan, body)
              }
            }
          }
        }
      }
    }
  }
}
