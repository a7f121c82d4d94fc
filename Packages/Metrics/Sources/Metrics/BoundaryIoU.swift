public import Tensor

/// The IoU of the pixels near the contours of each class, over any number of label maps.
///
/// Large objects have a high IoU however rough their contour; this measure sees only the contour.
/// Pixels count that lie within a distance of the border of their own region, or of the picture.
/// Cheng et al., CVPR 2021 (https://arxiv.org/abs/2103.16562); equals the authors' `mask_to_boundary`
/// on each class. Where the truth is ignored, the prediction is ignored too before contours are
/// looked for, so that both end there alike.
public struct BoundaryIoU: Hashable, Sendable, Codable {
  /// The number of classes, background included.
  public let classes: Int
  /// The distance as a share of the picture's diagonal.
  public let dilationRatio: Double
  private var common: [Int]
  private var predicted: [Int]
  private var truth: [Int]

  /// Creates an empty measure.
  ///
  /// - Parameters:
  ///   - classes: Their number, background included, in 1...255.
  ///   - dilationRatio: The distance as a share of the diagonal; the paper's is 0.02.
  /// - Precondition: `classes` is in 1...255 and `dilationRatio` above 0.
  public init(classes: Int, dilationRatio: Double = 0.02) {
    check((1...255).contains(classes), "BoundaryIoU: \(classes) classes, expected 1...255")
    check(dilationRatio > 0 && dilationRatio < 1, "BoundaryIoU: dilation ratio \(dilationRatio)")
    self.classes = classes
    self.dilationRatio = dilationRatio
    common = [Int](repeating: 0, count: classes)
    predicted = common
    truth = common
  }

  /// Counts the pixels near contours of a picture.
  ///
  /// - Parameters:
  ///   - prediction: Predicted labels, `[H, W]`; 255 is of no class.
  ///   - target: True labels, `[H, W]`; 255 is ignored.
  /// - Throws: `MetricsError` where shapes differ or a label is out of range.
  public mutating func add(_ prediction: LabelMap, target: LabelMap) throws(MetricsError) {
    guard prediction.shape == target.shape, target.shape.rank == 2 else {
      throw MetricsError(
        "boundary IoU: prediction \(prediction.shape), truth \(target.shape), expected equal "
          + "[H, W]")
    }
    for (name, map) in [("prediction", prediction), ("truth", target)] {
      if let label = map.labels.first(where: { $0 != 255 && Int($0) >= classes }) {
        throw MetricsError(
          "boundary IoU: \(name) has label \(label), expected 0...\(classes - 1) or 255")
      }
    }
    let (height, width) = (target.shape[0], target.shape[1])
    let diagonal = Double(height * height + width * width).squareRoot()
    let distance = max(1, Int((dilationRatio * diagonal).rounded(.toNearestOrEven)))
    var visible = prediction.labels
    for (pixel, label) in target.labels.enumerated() where label == 255 { visible[pixel] = 255 }
    let near = Self.contours(visible, height, width, distance)
    let trueNear = Self.contours(target.labels, height, width, distance)
    for (pixel, label) in target.labels.enumerated() where label != 255 {
      if trueNear[pixel] { truth[Int(label)] += 1 }
      guard visible[pixel] != 255, near[pixel] else { continue }
      predicted[Int(visible[pixel])] += 1
      if visible[pixel] == label, trueNear[pixel] { common[Int(label)] += 1 }
    }
  }

  /// The boundary IoU of each class; `nil` where it has no contour.
  public var iou: [Double?] {
    (0..<classes).map { ratio(common[$0], predicted[$0] + truth[$0] - common[$0]) }
  }

  /// The mean over the classes that have one.
  public var meanIoU: Double? { mean(of: iou) }

  /// Adds the counts of another measure, such as another process's share of the pictures.
  ///
  /// - Throws: `MetricsError` where it has other classes or another distance.
  public mutating func merge(_ other: BoundaryIoU) throws(MetricsError) {
    guard classes == other.classes, dilationRatio == other.dilationRatio else {
      throw MetricsError("boundary IoU: cannot merge one of other classes or another distance")
    }
    for label in 0..<classes {
      common[label] += other.common[label]
      predicted[label] += other.predicted[label]
      truth[label] += other.truth[label]
    }
  }

  /// Whether each pixel's square of `distance` pixels around it leaves the picture or its label.
  ///
  /// All classes at once: a pixel is inside where rows of one label that wide follow each other
  /// far enough up and down.
  private static func contours(
    _ labels: [UInt8], _ height: Int, _ width: Int, _ distance: Int
  ) -> [Bool] {
    let side = 2 * distance + 1
    var near = [Bool](repeating: true, count: labels.count)
    // Full rows of one label ending at each column, in the picture's rows so far.
    var stacked = [Int](repeating: 0, count: width)
    for y in 0..<height {
      var run = 0
      var reached = 0
      for x in 0..<width {
        let pixel = y * width + x
        run = x > 0 && labels[pixel] == labels[pixel - 1] ? run + 1 : 1
        guard run >= side else { continue }
        let center = x - distance
        let isSame = y > 0 && labels[y * width + center] == labels[(y - 1) * width + center]
        for skipped in reached..<center { stacked[skipped] = 0 }
        reached = center + 1
        stacked[center] = isSame ? stacked[center] + 1 : 1
        if stacked[center] >= side { near[(y - distance) * width + center] = false }
      }
      for skipped in reached..<width { stacked[skipped] = 0 }
    }
    return near
  }
}
