public import Autograd
internal import CContrast
public import Tensor

/// The mean cosine of the two embeddings of each pixel, which keeps the two spaces apart: `L_sim`.
///
/// Gradients flow into both. A pixel whose foreground or background embedding has length 0 counts
/// with cosine 0 and no gradient.
///
/// - Parameters:
///   - foreground: `Zf`, `[..., D]`.
///   - background: `Zb`, of the same shape.
///   - mask: Of the shape without the last axis: pixels labelled 255 do not count.
/// - Returns: A scalar in -1...1; 0 without pixels.
public func cosineSeparation(
  _ foreground: Variable, _ background: Variable, ignoring mask: LabelMap? = nil
) -> Variable {
  checkedSeparation(foreground, background, ignoring: mask).loss
}

/// The loss, and the first pixel whose embeddings are not finite.
func checkedSeparation(
  _ foreground: Variable, _ background: Variable, ignoring mask: LabelMap?
) -> (loss: Variable, notFinite: Int?) {
  let shape = foreground.shape
  check(
    shape == background.shape && shape.rank >= 1,
    "cosineSeparation: shapes \(shape) and \(background.shape) differ")
  let depth = shape[-1]
  let pixels = depth > 0 ? shape.elementCount / depth : 0
  check(
    mask.map { $0.shape.dimensions == shape.dimensions.dropLast() } ?? true,
    "cosineSeparation: a mask \(mask?.shape ?? []) for embeddings \(shape)")
  let labels = mask?.labels
  let counted = labels.map { $0.count { $0 != LabelMap.ignoreIndex } } ?? pixels
  guard counted > 0 else { return (Variable(Tensor(0)), nil) }
  var cosines = Tensor.zeros([pixels])
  var db = Tensor(0)
  let df = unsafe Tensor(unsafeUninitialized: shape) { df in
    unsafe db = Tensor(unsafeUninitialized: shape) { db in
      unsafe foreground.value.withUnsafeScalars { f in
        unsafe background.value.withUnsafeScalars { b in
          unsafe cosines.withUnsafeMutableScalars { cosines in
            let (f, b, cosines) = (f.baseAddress, b.baseAddress, cosines.baseAddress)
            let (df, db) = (df.baseAddress, db.baseAddress)
            parallelFor(pixels, grain: 256) { range in
              // Safe: the range lies in 0..<pixels, which every array holds.
              unsafe ctr_cosine(
                range.lowerBound, range.upperBound, depth, f, b, labels, 1 / Float(counted),
                cosines, df, db)
            }
          }
        }
      }
    }
  }
  let values = cosines.scalars
  let mean = values.reduce(0.0) { $0 + Double($1) } / Double(counted)
  let notFinite = mean.isFinite ? nil : values.firstIndex { !$0.isFinite }
  let gradients = (df, db)
  let required = (foreground.requiresGradient, background.requiresGradient)
  let loss = Variable(Tensor(Float(mean)), parents: [foreground, background]) { upstream in
    [
      required.0 ? scaled(gradients.0, by: upstream.scalar) : nil,
      required.1 ? scaled(gradients.1, by: upstream.scalar) : nil,
    ]
  }
  return (loss, notFinite)
}

func scaled(_ tensor: Tensor, by factor: Float) -> Tensor {
  guard factor != 1 else { return tensor }
  return unsafe tensor.withUnsafeScalars { source in
    unsafe Tensor(unsafeUninitialized: tensor.shape) { out in
      parallelFor(tensor.count, grain: 1 << 15) { range in
        // Safe: both hold `count` elements.
        for index in range { unsafe out[index] = source[index] * factor }
      }
    }
  }
}
