internal import Foundation
public import Tensor

extension SeedMap {
  /// From scores and pseudo labels made elsewhere.
  ///
  /// The classes of an image are those that a pixel that counts is labelled with, or has a score
  /// above 0 for.
  ///
  /// - Parameters:
  ///   - scores: `[B, H, W, C + 1]`, background first, in 0...1; 0 for classes that the image does
  ///     not show. Queries and prototypes compare a class's scores within an image.
  ///   - labels: `[B, H, W]`: 0 background, 1...C, 255 at pixels to ignore, whatever else they hold.
  ///   - entropy: How unsure each pixel is, `[B, H, W]`, 0 or more; `nil` takes the entropy of the
  ///     pixel's scores divided by their sum, in nats.
  /// - Throws: `ContrastError` naming image and pixel where a score is outside of 0...1, an entropy
  ///   negative or not finite, or a label no class.
  public init(
    scores: Tensor, labels: LabelMap, entropy: Tensor? = nil
  ) throws(ContrastError) {
    check(
      scores.rank == 4 && (1...255).contains(scores.shape[3]),
      "SeedMap: scores \(scores.shape), expected [B, H, W, C + 1], C 254 or fewer")
    let shape = Shape(Array(scores.shape.dimensions.dropLast()))
    check(
      labels.shape == shape && entropy.map { $0.shape == shape } ?? true,
      "SeedMap: labels \(labels.shape), entropy \(entropy?.shape ?? shape) for scores "
        + "\(scores.shape), expected \(shape)")
    let (channels, area) = (scores.shape[3], shape[1] * shape[2])
    var own = scores.scalars
    var unsure = entropy?.scalars ?? [Float](repeating: 0, count: labels.count)
    var present: [[Int]] = []
    for image in 0..<shape[0] {
      var isPresent = [Bool](repeating: false, count: channels)
      for pixel in 0..<area {
        let position = image * area + pixel
        let range = position * channels..<(position + 1) * channels
        guard labels.labels[position] != LabelMap.ignoreIndex else {
          for index in range { own[index] = 0 }
          unsure[position] = 0
          continue
        }
        let label = Int(labels.labels[position])
        guard label < channels else {
          throw .outside(
            "0...\(channels - 1) or 255", "the label", label, image: image, pixel: pixel)
        }
        isPresent[label] = true
        for (c, score) in own[range].enumerated() {
          guard (0...1).contains(score) else {
            throw .outside("0...1", "the score of class \(c)", score, image: image, pixel: pixel)
          }
          if score > 0 { isPresent[c] = true }
        }
        if entropy == nil { unsure[position] = Self.entropy(of: own[range]) }
        guard unsure[position] >= 0, unsure[position].isFinite else {
          throw .outside("0 or more", "the entropy", unsure[position], image: image, pixel: pixel)
        }
      }
      present.append((1..<max(channels, 1)).filter { isPresent[$0] })
    }
    self.scores = Tensor(own, shape: scores.shape)
    self.entropy = Tensor(unsure, shape: shape)
    self.labels = labels
    self.present = present
  }

  /// The entropy of scores divided by their sum, in nats; 0 where all are 0.
  private static func entropy(of scores: ArraySlice<Float>) -> Float {
    let total = scores.reduce(0, +)
    return scores.reduce(0) { sum, score in
      score > 0 ? sum - score / total * log(score / total) : sum
    }
  }
}
