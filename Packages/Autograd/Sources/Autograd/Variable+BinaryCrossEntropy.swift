internal import CAutograd
public import Tensor

extension Variable {
  /// Binary cross-entropy of these logits, as
  /// `torch.nn.functional.binary_cross_entropy_with_logits`.
  ///
  /// `-(p y log s + (1 - y) log(1 - s))` with `s` the logistic function of the logit, without
  /// overflow for any logit. The mean of nothing is 0; PyTorch gives NaN.
  ///
  /// - Parameters:
  ///   - targets: `y`, 0...1, of the logits' shape; constants.
  ///   - weight: A factor an element; its shape stretches to the logits'.
  ///   - positiveWeight: `p`, the weight of the positive part; its shape stretches to the logits',
  ///     as `[C]` for a factor a class.
  ///   - reduction: `mean` divides by the number of elements, also with weights.
  /// - Returns: The loss.
  public func binaryCrossEntropy(
    _ targets: Tensor, weight: Tensor? = nil, positiveWeight: Tensor? = nil,
    reduction: Reduction = .mean
  ) -> Variable {
    check(
      targets.shape == shape,
      "binaryCrossEntropy: logits of shape \(shape), targets of \(targets.shape)")
    let weight = weight?.stretched(to: shape, "binaryCrossEntropy: weight")
    let positive = positiveWeight?.stretched(to: shape, "binaryCrossEntropy: positive weight")
    let factor = reduction == .mean ? 1 / Float(Swift.max(value.count, 1)) : 1
    let loss = unsafe withPointers(value, targets, weight, positive) { inputs in
      unsafe FusedLoss(
        value, lossShape: shape, reduction: reduction, wantsGradient: isRecorded
      ) { range, outputs in
        // Safe: all are of the logits' shape or missing.
        unsafe ca_binary_cross_entropy(
          factor, inputs[0], inputs[1], inputs[2], inputs[3], outputs.losses, outputs.gradient,
          range.lowerBound, range.upperBound)
      }
    }
    return Variable(loss.value, parents: [self]) { [loss.inputGradient($0)] }
  }

  /// The loss of several yes-or-no labels a picture, as
  /// `torch.nn.functional.multilabel_soft_margin_loss`: binary cross-entropy averaged over the
  /// classes, the last axis.
  ///
  /// - Parameters:
  ///   - targets: 0...1, of the logits' shape; constants.
  ///   - weight: A factor a class, or of any shape that stretches to the logits'.
  ///   - reduction: Over pictures; `none` gives the shape without the last axis.
  /// - Returns: The loss.
  public func multiLabelSoftMarginLoss(
    _ targets: Tensor, weight: Tensor? = nil, reduction: Reduction = .mean
  ) -> Variable {
    check(
      shape.rank > 0 && targets.shape == shape,
      "multiLabelSoftMarginLoss: logits of shape \(shape), targets of \(targets.shape)")
    let classes = shape[-1]
    let weight = weight?.stretched(to: shape, "multiLabelSoftMarginLoss: weight")
    let lossShape = Shape(Array(shape.dropLast()))
    let count = reduction == .mean ? value.count : classes
    let factor = 1 / Float(Swift.max(count, 1))
    let loss = unsafe withPointers(value, targets, weight) { inputs in
      unsafe FusedLoss(
        value, lossShape: lossShape, reduction: reduction, wantsGradient: isRecorded
      ) { rows, outputs in
        func sum(_ rows: Range<Int>) -> Double {
          // Safe: all are of the logits' shape or missing.
          unsafe ca_binary_cross_entropy(
            factor, inputs[0], inputs[1], inputs[2], nil, nil, outputs.gradient,
            rows.lowerBound * classes, rows.upperBound * classes)
        }
        guard let losses = unsafe outputs.losses else { return sum(rows) }
        // Safe: each row writes its own loss.
        for row in rows { unsafe losses[row] = Float(sum(row..<row + 1)) }
        return 0
      }
    }
    return Variable(loss.value, parents: [self]) { [loss.inputGradient($0)] }
  }
}

extension Tensor {
  /// The tensor repeated along axes of size 1, and along missing leading axes, to a larger shape.
  fileprivate func stretched(to target: Shape, _ name: @autoclosure () -> String) -> Tensor {
    if shape == target { return self }
    check(
      shape.broadcast(with: target) == target,
      "\(name()) of shape \(shape) does not stretch to \(target)")
    return broadcast(to: target)
  }
}
