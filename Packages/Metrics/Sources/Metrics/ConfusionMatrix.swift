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
    guard let pairs = countPairs(prediction, target) else {
      throw labelError(prediction, target)
    }
    // Beyond the classes lies the place of what is ignored or unknown.
    let width = classes + 1
    for truth in 0..<classes {
      for label in 0..<classes { counts[truth * classes + label] += pairs[truth * width + label] }
      unknown[truth] += pairs[truth * width + classes]
    }
    ignored += pairs[classes * width..<width * width].reduce(0, +)
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

  /// Names the first label that is none, the truth's before the prediction's.
  private func labelError(_ prediction: LabelMap, _ target: LabelMap) -> MetricsError {
    func firstWrong(_ map: LabelMap, _ special: UInt8) -> Int? {
      map.labels.firstIndex { $0 != special && Int($0) >= classes }
    }
    let wrongTruth = firstWrong(target, ignoreIndex)
    let (what, map, special) =
      wrongTruth == nil
      ? ("prediction", prediction, LabelMap.ignoreIndex) : ("truth", target, ignoreIndex)
    let pixel = wrongTruth ?? firstWrong(map, special) ?? 0
    let place = zip(map.shape.strides, map.shape).map { (pixel / $0) % $1 }
    return MetricsError(
      "confusion matrix: \(what) has label \(map.labels[pixel]) at \(place), expected "
        + "0...\(classes - 1) or \(special)", isInTruth: wrongTruth != nil)
  }

  /// The pixels of each pair of labels, `[classes + 1, classes + 1]`, truth by row: what is ignored
  /// or unknown lies behind the classes. `nil` where a label is none.
  ///
  /// What is predicted where the truth is ignored must be a label too.
  private func countPairs(_ prediction: LabelMap, _ target: LabelMap) -> [Int]? {
    let area = (classes + 1) * (classes + 1)
    let count = target.count
    let unknownPlace = unknownPredictions == .background ? 0 : UInt8(classes)
    // Few chunks, whatever the number of pixels: counts are exact for any. A picture of VOC's size is
    // counted in less time than waiting for another thread may take on a busy machine.
    let share = (count + 2 * Threads.count - 1) / (2 * Threads.count)
    let grain = min(max(1 << 18, share), 1 << 31)
    let chunkCount = (count + grain - 1) / grain
    var tables = [UInt32](repeating: 0, count: chunkCount * Int(CM_LANES) * area)
    var areSound = [Bool](repeating: true, count: chunkCount)
    unsafe tables.withUnsafeMutableBufferPointer { tables in
      unsafe areSound.withUnsafeMutableBufferPointer { areSound in
        unsafe prediction.labels.withUnsafeBufferPointer { prediction in
          unsafe target.labels.withUnsafeBufferPointer { target in
            parallelFor(count, grain: grain) { range in
              let chunk = range.lowerBound / grain
              guard let first = tables.baseAddress else { return }
              // Safe: both maps have `count` labels, and each chunk has tables and a flag of its own.
              unsafe areSound[chunk] = cm_count_pairs(
                cm_map(
                  labels: prediction.baseAddress, special: LabelMap.ignoreIndex,
                  place: unknownPlace),
                cm_map(labels: target.baseAddress, special: ignoreIndex, place: UInt8(classes)),
                classes, first + chunk * Int(CM_LANES) * area, range.lowerBound, range.upperBound)
            }
          }
        }
      }
    }
    guard areSound.allSatisfy({ $0 }) else { return nil }
    var pairs = [Int](repeating: 0, count: area)
    for table in 0..<chunkCount * Int(CM_LANES) {
      for pair in 0..<area { pairs[pair] &+= Int(tables[table * area &+ pair]) }
    }
    return pairs
  }
}
