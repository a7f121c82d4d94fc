internal import CContrast
internal import Foundation
public import Tensor

/// Scores and pseudo labels of a batch, restricted to the classes each image is labelled with.
///
/// Method: scores are the softmax of the host's logits (or CAMs with a constant background score);
/// classes absent from the image are masked out; each present class is min-max normalised per
/// image; the pseudo label is the argmax (arXiv 2406.15755, section III-B). Class 0, the background,
/// is present in every image. A class whose score is the same everywhere is normalised to 0, but for
/// a background score that is given as a constant: that stays what it is.
///
/// Pixels to ignore, such as the padding of a crop, count nowhere: they are labelled 255, their
/// scores and entropy are 0, and ranges and quantiles are taken over the others. Everything that
/// is computed from a seed map leaves them out too.
public struct SeedMap: Sendable {
  /// Normalised scores in 0...1, `[B, H, W, C + 1]`; 0 for absent classes and ignored pixels.
  public let scores: Tensor
  /// Entropy of the class distribution before masking, in nats, `[B, H, W]`.
  public let entropy: Tensor
  /// Pseudo labels, `[B, H, W]`: 0 or a class of the image, 255 only where ignored. Ties: the lower
  /// class.
  public let labels: LabelMap
  /// The classes of each image, 1...C, ascending.
  public let present: [[Int]]

  /// Images in the batch.
  public var batch: Int { scores.shape[0] }
  /// Pixels an image.
  public var area: Int { scores.shape[1] * scores.shape[2] }
  /// Foreground classes, C.
  public var classes: Int { scores.shape[3] - 1 }

  /// From the logits of a network with a background class.
  ///
  /// - Parameters:
  ///   - logits: `[B, H, W, C + 1]`, background first.
  ///   - imageLabels: `[B, C]`: 1 where the image shows the class, else 0.
  ///   - mask: `[B, H, W]`: 255 at pixels to ignore, any other label elsewhere.
  /// - Throws: `ContrastError` where a logit is not finite or a label is neither 0 nor 1.
  public init(
    logits: Tensor, imageLabels: Tensor, ignoring mask: LabelMap? = nil
  ) throws(ContrastError) {
    check(
      logits.rank == 4 && logits.shape[3] >= 1,
      "SeedMap: logits \(logits.shape), expected [B, H, W, C + 1]")
    let classes = logits.shape[3]
    let pixels = logits.count / classes
    var entropy = Tensor.zeros(Shape(Array(logits.shape.dimensions.dropLast())))
    let softmax = unsafe logits.withUnsafeScalars { logits in
      unsafe Tensor(unsafeUninitialized: [pixels, classes]) { softmax in
        unsafe entropy.withUnsafeMutableScalars { entropy in
          guard let from = logits.baseAddress, let to = softmax.baseAddress,
            let entropies = entropy.baseAddress
          else { return }
          parallelFor(pixels, grain: 1024) { range in
            // Safe: the range lies in 0..<pixels.
            unsafe ctr_softmax_entropy(
              from, classes, range.lowerBound, range.upperBound, to, entropies)
          }
        }
      }
    }
    try self.init(
      distribution: softmax.reshaped(to: logits.shape), entropy: entropy, imageLabels: imageLabels,
      ignoring: mask, what: "a logit")
  }

  /// From class activation maps and a constant background score.
  ///
  /// - Parameters:
  ///   - cams: `[B, H, W, C]`, 0 or more; usually each present class divided by its maximum.
  ///   - background: The background's score everywhere, 0...1 of a class's range: a pixel is
  ///     background where no class of the image has a normalised score above it.
  ///   - imageLabels: `[B, C]`: 1 where the image shows the class, else 0.
  ///   - mask: `[B, H, W]`: 255 at pixels to ignore, any other label elsewhere.
  /// - Throws: `ContrastError` where a value is not finite or a label is neither 0 nor 1.
  public init(
    cams: Tensor, background: Float, imageLabels: Tensor, ignoring mask: LabelMap? = nil
  ) throws(ContrastError) {
    check(cams.rank == 4, "SeedMap: CAMs \(cams.shape), expected [B, H, W, C]")
    let classes = cams.shape[3] + 1
    let pixels = cams.shape.dimensions.dropLast().reduce(1, *)
    var distribution = [Float](repeating: background, count: pixels * classes)
    var entropy = [Float](repeating: 0, count: pixels)
    cams.withScalars { cams in
      for pixel in 0..<pixels {
        var total = background
        for c in 1..<max(classes, 1) {
          let score = cams[pixel * (classes - 1) + c - 1]
          distribution[pixel * classes + c] = score
          total += score
        }
        for c in 0..<classes where distribution[pixel * classes + c] != 0 {
          let share = distribution[pixel * classes + c] / total
          entropy[pixel] -= share * log(share)
        }
      }
    }
    let image = cams.shape.dimensions
    try self.init(
      distribution: Tensor(distribution, shape: [image[0], image[1], image[2], classes]),
      entropy: Tensor(entropy, shape: [image[0], image[1], image[2]]), imageLabels: imageLabels,
      background: background, ignoring: mask, what: "a CAM or the background score")
  }

  private init(
    distribution: Tensor, entropy: Tensor, imageLabels: Tensor, background: Float? = nil,
    ignoring mask: LabelMap?, what: String
  ) throws(ContrastError) {
    let (batch, classes) = (distribution.shape[0], distribution.shape[3])
    let area = distribution.shape[1] * distribution.shape[2]
    check(
      imageLabels.shape == [batch, classes - 1],
      "SeedMap: image labels \(imageLabels.shape) for scores \(distribution.shape), expected "
        + "[\(batch), \(classes - 1)]")
    let counted = CountedPixels(mask, shape: entropy.shape, "SeedMap")
    self.entropy = counted.zeroingIgnored(entropy)
    if let bad = self.entropy.scalars.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(what, image: bad / area, pixel: bad % area)
    }
    present = try Self.present(imageLabels)
    let present = present
    var labels = counted.labels
    var scores = Tensor.zeros(distribution.shape)
    unsafe distribution.withUnsafeScalars { distribution in
      unsafe scores.withUnsafeMutableScalars { scores in
        unsafe labels.labels.withUnsafeMutableBufferPointer { labels in
          parallelFor(batch) { range in
            for image in range {
              let pixels = counted.ofImage[image]
              if let background {
                // Safe: pixel < batch * area.
                for pixel in pixels { unsafe scores[pixel * classes] = background }
              }
              for c in (background == nil ? [0] : []) + present[image] {
                var (low, high) = (Float.infinity, -Float.infinity)
                for pixel in pixels {
                  // Safe: pixel < batch * area, c < classes.
                  let score = unsafe distribution[pixel * classes + c]
                  low = min(low, score)
                  high = max(high, score)
                }
                guard high > low else { continue }
                for pixel in pixels {
                  let score = unsafe (distribution[pixel * classes + c] - low) / (high - low)
                  unsafe scores[pixel * classes + c] = score
                  let best = unsafe scores[pixel * classes + Int(labels[pixel])]
                  if score > best { unsafe labels[pixel] = UInt8(c) }
                }
              }
            }
          }
        }
      }
    }
    self.scores = scores
    self.labels = labels
  }

  private static func present(_ imageLabels: Tensor) throws(ContrastError) -> [[Int]] {
    let (batch, classes) = (imageLabels.shape[0], imageLabels.shape[1])
    check(classes < 255, "SeedMap: \(classes) classes, expected 254 or fewer")
    let values = imageLabels.scalars
    var present = [[Int]](repeating: [], count: batch)
    for image in 0..<batch {
      for c in 1..<classes + 1 {
        let value = values[image * classes + c - 1]
        guard value == 0 || value == 1 else { throw .notALabel(value, image: image, class: c) }
        if value == 1 { present[image].append(c) }
      }
    }
    return present
  }
}
