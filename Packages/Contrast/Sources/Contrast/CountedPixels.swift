internal import Tensor

/// The pixels of a batch that count: all but those a mask labels 255.
struct CountedPixels {
  /// For each image its counted pixels, positions in `0..<B * H * W`, ascending.
  let ofImage: [[Int]]
  /// 0 at counted pixels, 255 elsewhere.
  let labels: LabelMap

  /// The number of counted pixels.
  var count: Int { ofImage.reduce(0) { $0 + $1.count } }

  /// - Parameters:
  ///   - mask: `[B, H, W]`; nothing is ignored without one.
  ///   - shape: The `[B, H, W]` expected.
  ///   - operation: Named where the shapes differ.
  init(_ mask: LabelMap?, shape: Shape, _ operation: String) {
    check(
      mask.map { $0.shape == shape } ?? true,
      "\(operation): a mask \(mask?.shape ?? []) for pixels \(shape)")
    let area = shape[1] * shape[2]
    ofImage = (0..<shape[0]).map { image in
      let pixels = image * area..<(image + 1) * area
      guard let mask else { return Array(pixels) }
      return pixels.filter { mask.labels[$0] != LabelMap.ignoreIndex }
    }
    labels = LabelMap(
      mask?.labels.map { $0 == LabelMap.ignoreIndex ? $0 : 0 }
        ?? [UInt8](repeating: 0, count: shape.elementCount), shape: shape)
  }

  /// One value a pixel, 0 where ignored.
  func zeroingIgnored(_ values: Tensor) -> Tensor {
    guard count < labels.count else { return values }
    return Tensor(
      zip(values.scalars, labels.labels).map { $1 == LabelMap.ignoreIndex ? 0 : $0 },
      shape: values.shape)
  }

  /// 1 at counted pixels, else 0.
  func weights(shape: Shape) -> Tensor {
    Tensor(labels.labels.map { $0 == LabelMap.ignoreIndex ? 0 : 1 }, shape: shape)
  }
}
