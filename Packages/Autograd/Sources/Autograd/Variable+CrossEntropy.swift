internal import CAutograd
internal import Foundation
public import Tensor

extension Variable {
  /// Softmax cross-entropy with one class a pixel, as `torch.nn.functional.cross_entropy`.
  ///
  /// With weights, `mean` divides by the sum of the pixels' weights. Where every pixel is ignored,
  /// or weighs 0, the mean is 0 with a zero gradient; PyTorch gives NaN.
  ///
  /// - Parameters:
  ///   - labels: The class of each pixel, or 255 to ignore it; the shape of these logits without
  ///     the last axis, which holds 1 to 255 classes.
  ///   - classWeights: A factor a class.
  ///   - labelSmoothing: The share of the target spread evenly over all classes, 0...1.
  ///   - reduction: `none` gives the shape of `labels`, 0 at ignored pixels.
  /// - Returns: The loss.
  public func crossEntropy(
    _ labels: LabelMap, classWeights: Tensor? = nil, labelSmoothing: Float = 0,
    reduction: Reduction = .mean
  ) -> Variable {
    let counts = labelCounts(labels, "crossEntropy")
    let classes = counts.count
    checkSettings(classWeights, labelSmoothing, classes: classes)
    let weights = classWeights?.scalars ?? [Float](repeating: 1, count: classes)
    let total = zip(counts, weights).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    let factor = reduction == .mean ? (total > 0 ? Float(1 / total) : 0) : 1
    return labelCrossEntropy(
      labels, peak: weights.map { $0 * (1 - labelSmoothing) },
      scale: [Float](repeating: factor, count: classes),
      spread: labelSmoothing > 0 ? weights.map { $0 * labelSmoothing / Float(classes) } : nil,
      reduction: reduction)
  }

  /// The cross-entropy that weighs background and foreground alike: the mean over pixels of class
  /// 0 and the mean over pixels of all other classes, halved and added.
  ///
  /// The target is `1 - smoothing` at the label and `smoothing / (classes - 1)` at every other
  /// class. Ignored pixels (255) count nowhere; a side without pixels counts 0.
  ///
  /// Lee, Kim, Shim, CVPR 2022 (https://arxiv.org/abs/2203.16045).
  ///
  /// - Parameters:
  ///   - labels: The class of each pixel, or 255 to ignore it; the shape of these logits without
  ///     the last axis, which holds 2 to 255 classes.
  ///   - smoothing: The share of the target spread evenly over the other classes, 0...1.
  ///   - classBalance: How far the foreground's classes weigh alike, 0...1: in the mean over
  ///     foreground pixels one of a class with `n` pixels weighs `n^-classBalance`. 0, as published,
  ///     weighs pixels alike, 1 the classes that are there.
  /// - Returns: The loss, a scalar.
  public func balancedCrossEntropy(
    _ labels: LabelMap, smoothing: Float = 0.4, classBalance: Float = 0
  ) -> Variable {
    let counts = labelCounts(labels, "balancedCrossEntropy")
    let classes = counts.count
    check(classes > 1, "balancedCrossEntropy: logits of shape \(shape) have only one class")
    checkSettings(nil, smoothing, classes: classes)
    check(
      classBalance >= 0 && classBalance <= 1,
      "balancedCrossEntropy: class balance \(classBalance), not in 0...1")
    let other = smoothing / Float(classes - 1)
    var scale = counts.map { $0 > 0 ? pow(Float($0), -classBalance) : 0 }
    let foreground = zip(scale, counts).dropFirst().reduce(0) { $0 + $1.0 * Float($1.1) }
    for index in 1..<classes where foreground > 0 { scale[index] *= 0.5 / foreground }
    scale[0] = counts[0] > 0 ? 0.5 / Float(counts[0]) : 0
    return labelCrossEntropy(
      labels, peak: [Float](repeating: 1 - smoothing - other, count: classes), scale: scale,
      spread: [Float](repeating: other, count: classes), reduction: .sum)
  }

  /// Softmax cross-entropy with a distribution over the classes a pixel as target, a constant, as
  /// `torch.nn.functional.cross_entropy` with probabilities.
  ///
  /// `mean` divides by the number of pixels, also with weights.
  ///
  /// - Parameters:
  ///   - targets: Probabilities; the shape of these logits, classes last.
  ///   - classWeights: A factor a class.
  ///   - labelSmoothing: The share of the target spread evenly over all classes, 0...1.
  ///   - reduction: `none` gives the shape without the last axis.
  /// - Returns: The loss.
  public func crossEntropy(
    probabilities targets: Tensor, classWeights: Tensor? = nil, labelSmoothing: Float = 0,
    reduction: Reduction = .mean
  ) -> Variable {
    check(
      targets.shape == shape && rankIsPositive,
      "crossEntropy: logits of shape \(shape), probabilities of \(targets.shape)")
    let classes = shape[-1]
    checkSettings(classWeights, labelSmoothing, classes: classes)
    let lossShape = Shape(Array(shape.dropLast()))
    let factor = reduction == .mean ? 1 / Float(Swift.max(lossShape.elementCount, 1)) : 1
    let loss = unsafe withPointers(value, targets, classWeights ?? .ones([classes])) { inputs in
      let settings = unsafe ca_soft_targets(
        channels: classes, weights: inputs[2], keep: 1 - labelSmoothing,
        spread: labelSmoothing / Float(classes), scale: factor)
      return unsafe FusedLoss(
        value, lossShape: lossShape, reduction: reduction, wantsGradient: isRecorded
      ) { range, outputs in
        // Safe: logits, targets and gradient hold a row a loss.
        unsafe ca_soft_cross_entropy(
          settings, inputs[0], inputs[1], outputs.losses, outputs.gradient, range.lowerBound,
          range.upperBound)
      }
    }
    return Variable(loss.value, parents: [self]) { [loss.inputGradient($0)] }
  }
}

extension Variable {
  private var rankIsPositive: Bool { shape.rank > 0 && shape[-1] > 0 }

  private func checkSettings(_ weights: Tensor?, _ smoothing: Float, classes: Int) {
    check(
      weights.map { $0.shape == [classes] } ?? true,
      "crossEntropy: class weights of shape \(weights?.shape ?? []) for \(classes) classes")
    check(
      smoothing >= 0 && smoothing <= 1, "crossEntropy: label smoothing \(smoothing), not in 0...1")
  }

  /// The number of pixels of each class, after a check of shapes and labels.
  private func labelCounts(_ labels: LabelMap, _ operation: String) -> [Int] {
    check(
      rankIsPositive && Shape(Array(shape.dropLast())) == labels.shape && shape[-1] <= 255,
      "\(operation): logits of shape \(shape), labels of \(labels.shape); "
        + "expected the same axes and then 1 to 255 classes")
    let classes = shape[-1]
    var counts = [Int](repeating: 0, count: 256)
    for label in labels.labels { counts[Int(label)] += 1 }
    if let wrong = counts[classes..<255].firstIndex(where: { $0 > 0 }) {
      let first = labels.labels.firstIndex(of: UInt8(wrong)) ?? 0
      fatalError("\(operation): label \(wrong) at index \(first), logits of shape \(shape)")
    }
    return Array(counts[..<classes])
  }

  /// `peak` and `scale` an entry a class; ignored labels get 0 for both.
  private func labelCrossEntropy(
    _ labels: LabelMap, peak: [Float], scale: [Float], spread: [Float]?, reduction: Reduction
  ) -> Variable {
    let zeros = [Float](repeating: 0, count: 256 - peak.count)
    let tables = (peak: Tensor(peak + zeros), scale: Tensor(scale + zeros))
    let spread = spread.map { Tensor($0) }
    let loss = unsafe withPointers(value, tables.peak, tables.scale, spread) { inputs in
      let targets = unsafe ca_label_targets(
        channels: shape[-1], peak: inputs[1], scale: inputs[2], spread: inputs[3])
      return unsafe labels.labels.withUnsafeBufferPointer { labels in
        unsafe FusedLoss(
          value, lossShape: Shape(Array(shape.dropLast())), reduction: reduction,
          wantsGradient: isRecorded
        ) { range, outputs in
          // Safe: logits and gradient hold a row a label; a label is below `channels` or ignored.
          unsafe ca_label_cross_entropy(
            targets, inputs[0], labels.baseAddress, outputs.losses, outputs.gradient,
            range.lowerBound, range.upperBound)
        }
      }
    }
    return Variable(loss.value, parents: [self]) { [loss.inputGradient($0)] }
  }
}
