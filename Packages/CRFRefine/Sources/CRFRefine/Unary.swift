internal import CCRFRefine
internal import Foundation
public import Tensor

/// The energy of each label at each pixel of an image: negative log-probabilities.
public struct Unary: Sendable {
  /// The height in pixels.
  public let height: Int
  /// The width in pixels.
  public let width: Int
  /// The number of labels, K.
  public let labelCount: Int
  /// A row of K a pixel; or, where `rows` says which row each pixel has, a few rows.
  let energies: Tensor
  let rows: [UInt8]?

  /// Takes energies as they are.
  ///
  /// - Parameter energies: `[H, W, K]`, finite; differences between labels count.
  /// - Throws: `CRFRefineError` where the shape is another, or an energy is not finite.
  public init(energies: Tensor) throws(CRFRefineError) {
    (height, width, labelCount) = try Self.sizes(of: energies, "energies")
    self.energies = energies
    rows = nil
    // Safe: reads the elements.
    let wrong = unsafe energies.withUnsafeScalars {
      unsafe cl_first_not_finite($0.baseAddress, 0, $0.count)
    }
    if wrong < energies.count { throw Self.scalarError("an energy", energies, wrong, "finite") }
  }

  /// Negative logarithms of probabilities, as pydensecrf's `unary_from_softmax`.
  ///
  /// - Parameters:
  ///   - probabilities: `[H, W, K]` in 0...1; they need not sum to 1.
  ///   - scale: Confidence in them, above 0 and up to 1: each becomes
  ///     `scale p + (1 - scale) / K`.
  ///   - clip: Least probability; smaller ones count as this.
  /// - Throws: `CRFRefineError` where the shape is another, a probability is NaN, or an option is
  ///   out of range.
  public init(
    probabilities: Tensor, scale: Float = 1, clip: Float = 1e-5
  ) throws(CRFRefineError) {
    let sizes = try Self.sizes(of: probabilities, "probabilities")
    guard scale > 0, scale <= 1 else {
      throw CRFRefineError("unary: scale \(scale), expected above 0 and up to 1")
    }
    guard clip >= Float.leastNormalMagnitude, clip < 1 else {
      throw CRFRefineError("unary: clip \(clip), expected above 0 and below 1")
    }
    (height, width, labelCount) = sizes
    rows = nil
    let count = probabilities.count
    let grain = 1 << 15
    var wrong = [Int](repeating: count, count: (count + grain - 1) / grain)
    energies = unsafe Tensor(unsafeUninitialized: probabilities.shape) { out in
      unsafe probabilities.withUnsafeScalars { probabilities in
        unsafe wrong.withUnsafeMutableBufferPointer { wrong in
          parallelFor(count, grain: grain) { range in
            // Safe: elements of this chunk, and the chunk's own result.
            let stopped = unsafe cl_negative_log(
              out.baseAddress, probabilities.baseAddress, scale, 1 / Float(sizes.labels), clip,
              range.lowerBound, range.upperBound)
            if stopped < range.upperBound { unsafe wrong[range.lowerBound / grain] = stopped }
          }
        }
      }
    }
    if let first = wrong.min(), first < count {
      throw Self.scalarError("a probability", probabilities, first, "in 0...1")
    }
  }

  /// Probabilities with a background that is likely where no class is: PSA's
  /// `(1 - max over classes)^exponent`.
  ///
  /// - Parameters:
  ///   - scores: Scores of the classes in 0...1, `[H, W, C]`; C may be 0.
  ///   - backgroundExponent: Above 0. A low one (4) makes much background, a high one (16 or more)
  ///     little.
  ///   - clip: Least probability; smaller ones count as this.
  /// - Throws: `CRFRefineError` where the shape is another, a score is out of range, or an option
  ///   is. Label 0 is the background, label c the c-th class.
  public init(
    scores: Tensor, backgroundExponent: Float, clip: Float = 1e-5
  ) throws(CRFRefineError) {
    guard backgroundExponent > 0, backgroundExponent.isFinite else {
      throw CRFRefineError("unary: background exponent \(backgroundExponent), expected above 0")
    }
    try self.init(
      probabilities: Self.addingBackground(to: scores, exponent: backgroundExponent), clip: clip)
  }

  private static func addingBackground(
    to scores: Tensor, exponent: Float
  ) throws(CRFRefineError) -> Tensor {
    guard scores.rank == 3, scores.shape[0] > 0, scores.shape[1] > 0 else {
      throw CRFRefineError("unary: scores \(scores.shape), expected [H, W, C]")
    }
    let (pixels, classes) = (scores.shape[0] * scores.shape[1], scores.shape[2])
    let shape: Shape = [scores.shape[0], scores.shape[1], classes + 1]
    var wrong = pixels
    let probabilities = unsafe Tensor(unsafeUninitialized: shape) { out in
      unsafe scores.withUnsafeScalars { scores in
        // Safe: a row for each pixel on both sides.
        unsafe wrong = cl_add_background(
          out.baseAddress, scores.baseAddress, classes, exponent, 0, pixels)
      }
    }
    guard wrong == pixels else {
      let row = scores.scalars[wrong * classes..<(wrong + 1) * classes]
      let at = row.firstIndex { !($0 >= 0 && $0 <= 1) } ?? row.startIndex
      throw scalarError("a score", scores, at, "in 0...1")
    }
    return probabilities
  }

  /// Energies of a label map that is right with a certain probability, as pydensecrf's
  /// `unary_from_labels`.
  ///
  /// - Parameters:
  ///   - labels: Labels 0...K-1 `[H, W]`; 255 means unsure, any label is as likely.
  ///   - labelCount: K, in 1...255.
  ///   - confidence: The probability that a label is right, above 0 and below 1; the rest is
  ///     shared by the others.
  ///   - zeroIsUnsure: pydensecrf's `zero_unsure`: label 0 means unsure too, and labels 1...K stand
  ///     for indices 0...K-1 of the marginals.
  /// - Throws: `CRFRefineError` where the shape is another, a label is out of range, naming its
  ///   pixel, or an option is.
  public init(
    labels: LabelMap, labelCount: Int, confidence: Float, zeroIsUnsure: Bool = false
  ) throws(CRFRefineError) {
    guard labels.shape.rank == 2, labels.count > 0 else {
      throw CRFRefineError("unary: labels \(labels.shape), expected [H, W]")
    }
    guard (1...255).contains(labelCount) else {
      throw CRFRefineError("unary: \(labelCount) labels, expected 1...255")
    }
    guard confidence > 0, confidence < 1 else {
      throw CRFRefineError("unary: confidence \(confidence), expected above 0 and below 1")
    }
    (height, width) = (labels.shape[0], labels.shape[1])
    self.labelCount = labelCount
    // Row l says that label l is there, the last row that nobody knows.
    var row = [UInt8?](repeating: nil, count: 256)
    let first = zeroIsUnsure ? 1 : 0
    for label in 0..<labelCount where label + first < 255 { row[label + first] = UInt8(label) }
    row[255] = UInt8(labelCount)
    if zeroIsUnsure { row[0] = UInt8(labelCount) }
    if let wrong = labels.labels.firstIndex(where: { row[Int($0)] == nil }) {
      throw CRFRefineError(
        "unary: label \(labels.labels[wrong]) at [\(wrong / width), \(wrong % width)], expected "
          + "\(first)...\(labelCount - 1 + first)\(zeroIsUnsure ? ", 0" : "") or 255")
    }
    let table = row.map { $0 ?? 0 }
    rows = labels.labels.map { table[Int($0)] }
    let agree = -log(confidence)
    let differ = labelCount > 1 ? -log((1 - confidence) / Float(labelCount - 1)) : agree
    var energies = [Float](repeating: differ, count: labelCount * labelCount)
    for label in 0..<labelCount { energies[label * labelCount + label] = agree }
    energies += [Float](repeating: log(Float(labelCount)), count: labelCount)
    self.energies = Tensor(energies, shape: [labelCount + 1, labelCount])
  }
}

extension Unary {
  /// Calls `body` with the rows of energies, and which row each pixel has.
  func withEnergies(_ body: (UnsafePointer<Float>?, UnsafePointer<UInt8>?) -> Void) {
    unsafe energies.withUnsafeScalars { energies in
      guard let rows else {
        unsafe body(energies.baseAddress, nil)
        return
      }
      unsafe rows.withUnsafeBufferPointer { unsafe body(energies.baseAddress, $0.baseAddress) }
    }
  }

  private static func sizes(
    of map: Tensor, _ what: String
  ) throws(CRFRefineError) -> (height: Int, width: Int, labels: Int) {
    guard map.rank == 3, map.count > 0 else {
      throw CRFRefineError("unary: \(what) \(map.shape), expected [H, W, K], none of them 0")
    }
    return (map.shape[0], map.shape[1], map.shape[2])
  }

  private static func scalarError(
    _ what: String, _ map: Tensor, _ index: Int, _ expected: String
  ) -> CRFRefineError {
    let (row, label) = index.quotientAndRemainder(dividingBy: map.shape[2])
    return CRFRefineError(
      "unary: \(what) of label \(label) at [\(row / map.shape[1]), \(row % map.shape[1])] is "
        + "\(map.scalars[index]), expected \(expected)")
  }
}
