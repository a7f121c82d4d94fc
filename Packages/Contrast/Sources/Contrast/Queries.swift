public import Tensor

/// The uncertain foreground pixels of a batch, class by class: the ones a contrast should move.
///
/// Of the pixels labelled c in an image, "sure" are those whose normalised score lies above the
/// `1 - sureShare` quantile of the region's scores over `scoreFloor`, and those whose entropy lies
/// below the image's `entropyQuantile`. All others are queries (arXiv 2406.15755, section III-C; the
/// threshold beta).
public struct Queries: Sendable, Hashable {
  /// Positions in `0..<B * H * W`, ascending within a class.
  public let pixels: [Int32]
  /// The classes that have queries, ascending.
  public let classes: [Int]
  /// For each of `classes`, its part of `pixels`.
  public let ranges: [Range<Int>]

  /// The number of queries.
  public var count: Int { pixels.count }

  /// Selects the queries of a batch.
  ///
  /// - Parameters:
  ///   - seeds: Scores, entropy and pseudo labels.
  ///   - sureShare: r, the share of a region that is sure by its score, 0...1; the paper's 0.6.
  ///   - scoreFloor: Scores not above it do not count for the quantile.
  ///   - entropyQuantile: The share of an image that is sure by its entropy, 0...1.
  public init(
    _ seeds: SeedMap, sureShare: Double = 0.6, scoreFloor: Float = 0.05,
    entropyQuantile: Double = 0.25
  ) {
    let (area, channels) = (seeds.area, seeds.classes + 1)
    // For each image the queries of each of its classes.
    var ofImage = [[[Int32]]](repeating: [], count: seeds.batch)
    let labels = seeds.labels.labels
    unsafe seeds.scores.withUnsafeScalars { scores in
      unsafe seeds.entropy.withUnsafeScalars { entropy in
        unsafe ofImage.withUnsafeMutableBufferPointer { ofImage in
          parallelFor(seeds.batch) { range in
            for image in range {
              let pixels = (image * area..<(image + 1) * area).filter {
                labels[$0] != LabelMap.ignoreIndex
              }
              // Safe: pixels of the batch, classes of the scores, images of the batch.
              guard let calm = pixels.map({ unsafe entropy[$0] }).quantile(entropyQuantile) else {
                continue
              }
              unsafe ofImage[image] = seeds.present[image].map { c in
                let region = pixels.filter { labels[$0] == c }
                let clear = region.map { unsafe scores[$0 * channels + c] }
                  .filter { $0 > scoreFloor }
                let sure = clear.quantile(1 - sureShare) ?? .infinity
                return region.filter {
                  unsafe scores[$0 * channels + c] <= sure && entropy[$0] >= calm
                }.map(Int32.init)
              }
            }
          }
        }
      }
    }
    var found: [[Int32]] = Array(repeating: [], count: channels)
    for (classes, queries) in zip(seeds.present, ofImage) {
      for (c, own) in zip(classes, queries) { found[c] += own }
    }
    self.init(found)
  }

  /// Selects the queries of a batch by the constants of the losses.
  public init(_ seeds: SeedMap, _ configuration: FBRConfiguration) {
    self.init(
      seeds, sureShare: configuration.sureShare, scoreFloor: configuration.scoreFloor,
      entropyQuantile: configuration.entropyQuantile)
  }

  /// Queries selected elsewhere.
  ///
  /// - Parameters:
  ///   - pixels: Positions, rows of the features.
  ///   - classes: The class of each, ascending.
  /// - Precondition: Both are of one length, and the classes ascend.
  public init(pixels: [Int32], classes: [Int]) {
    check(
      pixels.count == classes.count && zip(classes, classes.dropFirst()).allSatisfy { $0 <= $1 },
      "Queries: \(pixels.count) pixels of \(classes.count) classes, expected classes that ascend")
    self.pixels = pixels
    var (names, ranges) = ([Int](), [Range<Int>]())
    for (position, c) in classes.enumerated() {
      if c != names.last {
        names.append(c)
        ranges.append(position..<position)
      }
      ranges[ranges.count - 1] = ranges[ranges.count - 1].lowerBound..<position + 1
    }
    self.classes = names
    self.ranges = ranges
  }

  /// Every pixel of a foreground class, sure or not.
  ///
  /// - Parameter labels: `[B, H, W]`; 0 and 255 do not count.
  public init(foregroundOf labels: LabelMap) {
    var found = [[Int32]](repeating: [], count: 256)
    for (pixel, label) in labels.labels.enumerated()
    where label != 0 && label != LabelMap.ignoreIndex {
      found[Int(label)].append(Int32(pixel))
    }
    self.init(found)
  }

  /// From the pixels of each class, by class index.
  private init(_ found: [[Int32]]) {
    classes = found.indices.filter { !found[$0].isEmpty }
    pixels = classes.flatMap { found[$0] }
    var end = 0
    ranges = classes.map { c in
      defer { end += found[c].count }
      return end..<end + found[c].count
    }
  }

  private init(pixels: [Int32], classes: [Int], ranges: [Range<Int>]) {
    self.pixels = pixels
    self.classes = classes
    self.ranges = ranges
  }

  /// The queries of some classes only.
  public func keeping(_ isKept: (Int) -> Bool) -> Queries {
    var (pixels, classes, ranges) = ([Int32](), [Int](), [Range<Int>]())
    for (c, range) in zip(self.classes, self.ranges) where isKept(c) {
      classes.append(c)
      ranges.append(pixels.count..<pixels.count + range.count)
      pixels += self.pixels[range]
    }
    return Queries(pixels: pixels, classes: classes, ranges: ranges)
  }
}
