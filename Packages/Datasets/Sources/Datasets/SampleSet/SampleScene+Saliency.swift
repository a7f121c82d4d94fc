internal import Tensor

extension SampleScene {
  /// What a detector of salient objects might say of the picture, 0 ... 255, drawn from the objects:
  /// without classes, soft at their borders, and the weaker the smaller an object is beside the
  /// largest. Real detectors learn from masks of other pictures; so this holds a little of what
  /// image labels do not tell.
  public var saliency: GrayImage {
    let (height, width) = (image.height, image.width)
    var areas = [Int](repeating: 0, count: 256)
    for object in objectMask.labels { areas[Int(object)] += 1 }
    (areas[0], areas[Int(LabelMap.ignoreIndex)]) = (0, 0)
    let largest = max(areas.max() ?? 0, 1)
    // Whole numbers alone: the same bytes on every machine.
    var values = objectMask.labels.map { object in
      areas[Int(object)] == 0 ? 0 : 128 + 127 * areas[Int(object)] / largest
    }
    let radius = max(max(height, width) / 48, 1)
    for (stride, count, lines, lineStride) in [
      (1, width, height, width), (width, height, width, 1),
    ] {
      for line in 0..<lines {
        let places = (0..<count).map { line * lineStride + $0 * stride }
        let before = places.map { values[$0] }
        for index in 0..<count {
          let window = max(index - radius, 0)...min(index + radius, count - 1)
          values[places[index]] = before[window].reduce(0, +) / window.count
        }
      }
    }
    return GrayImage(values.map { UInt8($0) }, height: height, width: width)
  }
}
