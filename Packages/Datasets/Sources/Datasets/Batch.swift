internal import CPixels
public import Tensor

/// Samples as a network takes them.
public struct Batch: Sendable {
  /// The pictures' names.
  public let ids: [String]
  /// Normalised pictures, `[B, H, W, 3]`; 0 where a picture is smaller than the largest.
  public let images: Tensor
  /// 1 for the classes in each picture, else 0, `[B, C]`; column 0 is class 1.
  public let imageLabels: Tensor
  /// The class of each pixel, `[B, H, W]`, 255 outside of the pictures; `nil` without masks.
  public let masks: LabelMap?
  /// The saliency of each pixel in 0...1, `[B, H, W]`, 0 outside; `nil` without saliency maps.
  public let saliency: Tensor?
  /// Scores of each pixel, `[B, H, W, K]`, 0 outside; `nil` without maps.
  public let maps: Tensor?
  /// Where each picture's content lies: neither a crop's padding nor this batch's.
  public let contents: [PixelRegion]

  /// Joins samples, each in the upper left of a common size: their greatest height and width.
  ///
  /// - Parameters:
  ///   - samples: One or more samples.
  ///   - classCount: C, the number of classes.
  ///   - normalization: How pixels become numbers.
  /// - Throws: `DatasetError` where only some samples have a mask, saliency or maps, maps differ in
  ///   their number, or a label is not in 1...C; it names the first such sample.
  public init(
    _ samples: [Sample], classCount: Int, normalization: Normalization = .imageNet
  ) throws(DatasetError) {
    check(!samples.isEmpty, "Batch: no samples")
    ids = samples.map(\.id)
    contents = samples.map(\.content)
    imageLabels = try Self.imageLabels(samples, classCount)
    let height = samples.reduce(0) { max($0, $1.image.height) }
    let width = samples.reduce(0) { max($0, $1.image.width) }
    images = unsafe Tensor(unsafeUninitialized: [samples.count, height, width, 3]) { buffer in
      for index in samples.indices {
        // Safe: each sample writes the `height * width * 3` numbers of its own.
        let start = unsafe buffer.baseAddress.map { unsafe $0 + index * height * width * 3 }
        unsafe Self.write(samples[index].image, normalization, height, width, to: start)
      }
    }
    masks = try Self.all(samples, "mask", \.mask).map { masks in
      var labels: [UInt8] = []
      labels.reserveCapacity(samples.count * height * width)
      let window = PixelRegion(height: height, width: width)
      for mask in masks { labels += mask.cropped(to: window).labels }
      return LabelMap(labels, shape: [samples.count, height, width])
    }
    saliency = try Self.all(samples, "saliency map", \.saliency).map { maps in
      let window = PixelRegion(height: height, width: width)
      return Tensor(stacking: maps.map { $0.cropped(to: window, fill: 0).tensor })
    }
    guard let all = try Self.all(samples, "maps", \.maps) else {
      maps = nil
      return
    }
    for (sample, maps) in zip(samples, all) where maps.shape[2] != all[0].shape[2] {
      throw DatasetError(
        sample.id, "\(maps.shape[2]) maps, others of its batch have \(all[0].shape[2])")
    }
    let window = PixelRegion(height: height, width: width)
    maps = Tensor(stacking: all.map { $0.cropped(to: window) })
  }

  private static func imageLabels(
    _ samples: [Sample], _ classCount: Int
  ) throws(DatasetError) -> Tensor {
    var flags = [Float](repeating: 0, count: samples.count * classCount)
    for (index, sample) in samples.enumerated() {
      for label in sample.labels {
        guard (1...max(classCount, 1)).contains(label), classCount > 0 else {
          throw DatasetError(sample.id, "label \(label), expected 1...\(classCount)")
        }
        flags[index * classCount + label - 1] = 1
      }
    }
    return Tensor(flags, shape: [samples.count, classCount])
  }

  /// What every sample has, `nil` where none has it.
  private static func all<Value>(
    _ samples: [Sample], _ what: String, _ value: (Sample) -> Value?
  ) throws(DatasetError) -> [Value]? {
    let values = samples.compactMap(value)
    if values.isEmpty { return nil }
    for sample in samples where value(sample) == nil {
      throw DatasetError(sample.id, "no \(what), others of its batch have one")
    }
    return values
  }

  private static func write(
    _ image: Image, _ normalization: Normalization, _ height: Int, _ width: Int,
    to out: UnsafeMutablePointer<Float>?
  ) {
    if image.width == width {
      unsafe normalization.write(image.pixels[...], to: out)
    } else {
      for row in 0..<image.height {
        let begin = row * image.width * 3
        let end = begin + image.width * 3
        let start = unsafe out.map { unsafe $0 + row * width * 3 }
        unsafe normalization.write(image.pixels[begin..<end], to: start)
        for column in image.width * 3..<width * 3 { unsafe start?[column] = 0 }
      }
    }
    for index in image.height * width * 3..<height * width * 3 { unsafe out?[index] = 0 }
  }
}
