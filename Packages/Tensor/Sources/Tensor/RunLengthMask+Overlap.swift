extension RunLengthMask {
  /// Creates a mask of the pixels of one label.
  ///
  /// - Precondition: `labels` has shape `[H, W]`.
  public init(_ labels: LabelMap, where label: UInt8) {
    check(labels.shape.rank == 2, "RunLengthMask: labels \(labels.shape), expected [H, W]")
    self.init(
      bitmap: labels.labels.map { $0 == label ? 1 : 0 }, height: labels.shape[0],
      width: labels.shape[1])
  }

  /// The share of the pixels of either mask that both have, in 0...1; 0 where both are empty.
  ///
  /// - Parameters:
  ///   - truth: The mask compared with.
  ///   - isCrowd: Divide by this mask's area alone, as COCO does for a crowd region, which any
  ///     number of detections may lie in.
  /// - Returns: The ratio, bit for bit that of `pycocotools.mask.iou([self], [truth], [isCrowd])`.
  /// - Precondition: Both have the same size.
  public func intersectionOverUnion(_ truth: RunLengthMask, isCrowd: Bool = false) -> Double {
    let common = intersectionArea(truth)
    guard common > 0 else { return 0 }
    let (mine, whole) = (area, isCrowd ? 0 : truth.area - common)
    return Double(common) / Double(mine + whole)
  }

  /// The smallest box around the set pixels, in pixels; all zero where there are none.
  public var boundingBox: (x: Int, y: Int, width: Int, height: Int) {
    var (left, right, top, bottom) = (Int.max, -1, Int.max, -1)
    forEachRun { start, length in
      let end = start + length - 1
      left = min(left, start / height)
      right = max(right, end / height)
      if start / height == end / height {
        top = min(top, start % height)
        bottom = max(bottom, end % height)
      } else {
        (top, bottom) = (0, height - 1)
      }
    }
    return right < 0 ? (0, 0, 0, 0) : (left, top, right - left + 1, bottom - top + 1)
  }
}
