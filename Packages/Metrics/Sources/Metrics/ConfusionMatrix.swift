internal import CMetrics
public import Tensor

/// How many pixels of each class were predicted as each class, over any number of label maps.
///
/// Add maps as they come, on any number of threads or processes, and merge the parts: counts are
/// exact, so neither order nor number changes a score.
public struct ConfusionMatrix: Hashable, Sendable, Codable {
  /// What becomes of pixels predicted as 255, "unknown", whose truth is known.
  public enum UnknownPredictions: String, Hashable, Sendable, Codable, CaseIterable {
    /// They miss their true class and hit no other.
    case error
    /// They count as predicted 0, as where a method leaves unsure pixels to the background.
    case background
  }

  /// The number of classes, background included: labels are `0..<classes`.
  public let classes: Int
  /// The label of true pixels that count nowhere.
  public let ignoreIndex: UInt8
  /// What becomes of pixels predicted as 255.
  public let unknownPredictions: UnknownPredictions
  /// Pixels by true class (row) and predicted class (column), row-major, `classes * classes`.
  public private(set) var counts: [Int]
  /// For each true class its pixels predicted as 255; all 0 where these count as background.
  public private(set) var unknown: [Int]
  /// The number of pixels that counted nowhere.
  public private(set) var ignored = 0
  /// The number of pictures added.
  public private(set) var pictures = 0

  /// Creates an empty matrix.
  ///
  /// - Parameters:
  ///   - classes: Their number, background included, in 1...255; 21 for VOC.
  ///   - ignoreIndex: The label of true pixels that count nowhere.
  ///   - unknownPredictions: What becomes of pixels predicted as 255.
  /// - Precondition: `classes` is in 1...255.
  public init(
    classes: Int, ignoreIndex: UInt8 = LabelMap.ignoreIndex,
    unknownPredictions: UnknownPredictions = .error
  ) {
    check((1...255).contains(classes), "ConfusionMatrix: \(classes) classes, expected 1...255")
    self.classes = classes
    self.ignoreIndex = ignoreIndex
    self.unknownPredictions = unknownPredictions
    counts = [Int](repeating: 0, count: classes * classes)
    unknown = [Int](repeating: 0, count: classes)
  }

  /// The pixels of one true class predicted as another.
  public subscript(truth: Int, prediction: Int) -> Int { counts[truth * classes + prediction] }

  /// Counts the pixels of a picture, or of a batch; nothing is counted where it throws.
  ///
  /// - Parameters:
  ///   - prediction: Predicted labels, `[H, W]` or `[N, H, W]`: `0..<classes`, or 255 for unknown.
  ///   - target: True labels of the same shape: `0..<classes`, or `ignoreIndex`.
  /// - Throws: `MetricsError` where shapes differ, or a label is none of these, naming its pixel.
  public mutating func add(_ prediction: LabelMap, target: LabelMap) throws(MetricsError) {
    guard prediction.shape == target.shape, (2...3).contains(target.shape.rank) else {
      throw MetricsError(
        "confusion matrix: prediction \(prediction.shape), truth \(target.shape), expected equal "
          + "[H, W] or [N, H, W]")
    }
    // Beyond the classes lie a place for what is ignored or unknown, and one for what is wrong.
    let width = classes + 2
    let pairs = Self.countPairs(
      prediction, target, width: width,
      rows: Self.places(classes: classes, special: ignoreIndex),
      columns: predictionPlaces)
    for place in 0..<width {
      if pairs[(width - 1) * width + place] > 0 {
        throw labelError("truth", target, special: ignoreIndex)
      }
      // What is predicted where the truth is ignored does not matter, but must be a label.
      if pairs[place * width + width - 1] > 0 {
        throw labelError("prediction", prediction, special: LabelMap.ignoreIndex)
      }
    }
    for truth in 0..<classes {
      for label in 0..<classes { counts[truth * classes + label] += pairs[truth * width + label] }
      unknown[truth] += pairs[truth * width + classes]
    }
    ignored += pairs[classes * width..<(classes + 1) * width].reduce(0, +)
    pictures += target.shape.rank == 2 ? 1 : target.shape[0]
  }

  /// Adds the counts of another matrix, such as another process's share of the pictures.
  ///
  /// - Throws: `MetricsError` where it was set up in another way.
  public mutating func merge(_ other: ConfusionMatrix) throws(MetricsError) {
    guard classes == other.classes, ignoreIndex == other.ignoreIndex,
      unknownPredictions == other.unknownPredictions
    else { throw MetricsError("confusion matrix: cannot merge \(other.setup) into \(setup)") }
    for index in counts.indices { counts[index] += other.counts[index] }
    for index in unknown.indices { unknown[index] += other.unknown[index] }
    ignored += other.ignored
    pictures += other.pictures
  }

  /// Adds pixels counted elsewhere.
  mutating func add(_ pixels: Int, truth: Int, prediction: Int) {
    counts[truth * classes + prediction] += pixels
  }

  mutating func addIgnored(_ pixels: Int, pictures: Int) {
    ignored += pixels
    self.pictures += pictures
  }
}

extension ConfusionMatrix {
  private var setup: String {
    "\(classes) classes, ignoring \(ignoreIndex), unknown predictions as \(unknownPredictions)"
  }

  /// Where each label is counted: its class, `classes` for the special one, else `classes + 1`.
  static func places(classes: Int, special: UInt8) -> [UInt16] {
    (0...255).map { label in
      UInt16(label == Int(special) ? classes : label < classes ? label : classes + 1)
    }
  }

  private var predictionPlaces: [UInt16] {
    var places = Self.places(classes: classes, special: LabelMap.ignoreIndex)
    if unknownPredictions == .background { places[Int(LabelMap.ignoreIndex)] = 0 }
    return places
  }

  private func labelError(_ what: String, _ labels: LabelMap, special: UInt8) -> MetricsError {
    let pixel = labels.labels.firstIndex { $0 != special && Int($0) >= classes } ?? 0
    let place = zip(labels.shape.strides, labels.shape).map { (pixel / $0) % $1 }
    return MetricsError(
      "confusion matrix: \(what) has label \(labels.labels[pixel]) at \(place), expected "
        + "0...\(classes - 1) or \(special)")
  }

  private static func countPairs(
    _ prediction: LabelMap, _ target: LabelMap, width: Int, rows: [UInt16], columns: [UInt16]
  ) -> [Int] {
    let area = width * width
    let count = target.count
    // Few chunks, whatever the number of pixels: counts are exact for any.
    let share = (count + 2 * Threads.count - 1) / (2 * Threads.count)
    let grain = min(max(1 << 14, share), 1 << 31)
    let tableCount = (count + grain - 1) / grain * Int(CM_LANES)
    var tables = [UInt32](repeating: 0, count: tableCount * area)
    unsafe tables.withUnsafeMutableBufferPointer { tables in
      unsafe prediction.labels.withUnsafeBufferPointer { prediction in
        unsafe target.labels.withUnsafeBufferPointer { target in
          parallelFor(count, grain: grain) { range in
            guard let p = prediction.baseAddress, let t = target.baseAddress,
              let first = tables.baseAddress
            else { return }
            let table = unsafe first + range.lowerBound / grain * Int(CM_LANES) * area
            // Safe: both maps have `count` labels, every place is below `width`, and each chunk
            // has tables of its own.
            unsafe cm_count_pairs(
              p, t, rows, columns, width, table, range.lowerBound, range.upperBound)
          }
        }
      }
    }
    var pairs = [Int](repeating: 0, count: area)
    for table in 0..<tableCount {
      for pair in 0..<area { pairs[pair] &+= Int(tables[table * area &+ pair]) }
    }
    return pairs
  }
}
