internal import CAutograd
internal import Tensor

/// The contrastive loss of queries, each with one positive and its own negatives.
///
/// `-log(e^(p/t) / (e^(p/t) + sum_k e^(n_k/t)))` for a query's similarity `p` to its positive and
/// `n_k` to its negatives. Van den Oord, Li, Vinyals, 2018 (https://arxiv.org/abs/1807.03748).
///
/// - Parameters:
///   - positives: Similarities, `[M]`.
///   - negatives: Similarities, `[M, n]`; without negatives the loss is 0.
///   - temperature: `t`, above 0.
///   - reduction: Over queries; the mean of none is 0.
/// - Returns: The loss; gradients flow to both kinds of similarities.
public func infoNCE(
  positives: Variable, negatives: Variable, temperature: Float, reduction: Reduction = .mean
) -> Variable {
  check(
    positives.shape.rank == 1 && negatives.shape.rank == 2
      && positives.shape[0] == negatives.shape[0],
    "infoNCE: positives of shape \(positives.shape), negatives of \(negatives.shape); "
      + "expected [M] and [M, n]")
  check(temperature > 0, "infoNCE: temperature \(temperature) is not above 0")
  let queries = positives.shape[0]
  let settings = ca_info_nce_settings(
    negatives: negatives.shape[1], inverse_temperature: 1 / temperature,
    scale: reduction == .mean ? 1 / Float(max(queries, 1)) : 1)
  var positiveGradient = positives.isRecorded ? Tensor.unset(positives.shape) : nil
  let loss = unsafe withPointers(positives.value, negatives.value) { inputs in
    unsafe withMutablePointer(&positiveGradient) { positiveGradient in
      unsafe FusedLoss(
        negatives.value, lossShape: positives.shape, reduction: reduction,
        wantsGradient: negatives.isRecorded
      ) { range, outputs in
        // Safe: all hold a row, or an element, a query.
        unsafe ca_info_nce(
          settings, inputs[0], inputs[1], outputs.losses, positiveGradient, outputs.gradient,
          range.lowerBound, range.upperBound)
      }
    }
  }
  let gradient = positiveGradient
  return Variable(loss.value, parents: [positives, negatives]) { upstream in
    [gradient.map { loss.product(of: $0, and: upstream) }, loss.inputGradient(upstream)]
  }
}
