internal import CKernels

/// Which pixels each output of a pooling looks at: bounds of rows and of columns.
struct PoolingWindows: Sendable {
  /// One axis' windows, `first..<last` each, and what a mean divides by.
  struct Axis: Sendable {
    var first: [Int32] = []
    var last: [Int32] = []
    var divisor: [Float] = []

    /// Windows that slide, as PyTorch's pooling layers do.
    init(
      size: Int, kernel: Int, stride: Int, padding: Int, ceilMode: Bool, countsPadding: Bool
    ) {
      let span = size + 2 * padding - kernel
      var outputs = span < 0 ? 0 : (span + (ceilMode ? stride - 1 : 0)) / stride + 1
      // A window must start inside the picture or its left border.
      if ceilMode && (outputs - 1) * stride >= size + padding { outputs -= 1 }
      for output in 0..<Swift.max(outputs, 0) {
        let start = output * stride - padding
        let end = Swift.min(start + kernel, size + padding)
        let (first, last) = (Swift.max(start, 0), Swift.min(end, size))
        self.first.append(Int32(first))
        self.last.append(Int32(last))
        divisor.append(Float(countsPadding ? end - start : last - first))
      }
    }

    /// Windows that share the axis evenly, as PyTorch's adaptive pooling does.
    init(size: Int, outputs: Int) {
      for output in 0..<outputs {
        first.append(Int32(output * size / outputs))
        last.append(Int32(((output + 1) * size + outputs - 1) / outputs))
        divisor.append(Float((last.last ?? 0) - (first.last ?? 0)))
      }
    }
  }

  let rows: Axis
  let columns: Axis

  /// The result's shape for images `[N, H, W, C]`.
  func result(_ shape: Shape) -> Shape {
    [shape[0], rows.first.count, columns.first.count, shape[3]]
  }

  /// Calls `body` with the windows as the C kernels take them.
  func withPlan(_ shape: Shape, _ body: (UnsafePointer<ck_windows>) -> Void) {
    unsafe rows.first.withUnsafeBufferPointer { rowFirst in
      unsafe rows.last.withUnsafeBufferPointer { rowLast in
        unsafe columns.first.withUnsafeBufferPointer { columnFirst in
          unsafe columns.last.withUnsafeBufferPointer { columnLast in
            unsafe rows.divisor.withUnsafeBufferPointer { rowDivisor in
              unsafe columns.divisor.withUnsafeBufferPointer { columnDivisor in
                let plan = unsafe ck_windows(
                  height: shape[1], width: shape[2], channels: shape[3],
                  out_height: rowFirst.count, out_width: columnFirst.count,
                  row_first: rowFirst.baseAddress, row_last: rowLast.baseAddress,
                  column_first: columnFirst.baseAddress, column_last: columnLast.baseAddress,
                  row_divisor: rowDivisor.baseAddress, column_divisor: columnDivisor.baseAddress)
                unsafe withUnsafePointer(to: plan, body)
              }
            }
          }
        }
      }
    }
  }
}
