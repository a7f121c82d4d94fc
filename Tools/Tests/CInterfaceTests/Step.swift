import Autograd
import CFBR
import Contrast
import Tensor

/// One training step, as the packages take it and as the C functions do.
struct Step {
  let zf, zb, logits, labels, bank: Tensor
  let seeds: SeedMap

  init() throws {
    var generator = PhiloxGenerator(seed: 1)
    zf = generator.uniform(shape: [2, 6, 6, 5], in: 0.1..<1)
    zb = generator.uniform(shape: [2, 6, 6, 5], in: 0.1..<1)
    logits = generator.normal(shape: [2, 6, 6, 4], standardDeviation: 2)
    labels = Tensor([1, 1, 0, 0, 1, 1], shape: [2, 3])
    bank = generator.uniform(shape: [30, 5], in: 0.1..<1)
    seeds = try SeedMap(logits: logits, imageLabels: labels)
  }

  /// The losses with seed 5 at step 2, gradients computed.
  func loss() throws -> (FBRLoss, zf: Variable, zb: Variable) {
    let (zf, zb) = (
      Variable(zf, requiresGradient: true), Variable(zb, requiresGradient: true)
    )
    var generator = PhiloxGenerator(seed: 5, stream: 2)
    let loss = try FBRLoss(
      foreground: zf, background: zb, seeds: seeds, bank: bank, using: &generator)
    loss.total.backward()
    return (loss, zf, zb)
  }

  func withBatch(_ body: (UnsafePointer<fbr_batch>) -> Int32) -> Int32 {
    unsafe zf.withUnsafeScalars { zf in
      unsafe zb.withUnsafeScalars { zb in
        unsafe logits.withUnsafeScalars { logits in
          unsafe labels.withUnsafeScalars { labels in
            unsafe bank.withUnsafeScalars { bank in
              var batch = unsafe fbr_batch(
                batch: 2, height: 6, width: 6, depth: 5, classes: 3, foreground: zf.baseAddress,
                background: zb.baseAddress, logits: logits.baseAddress,
                image_labels: labels.baseAddress, ignore: nil, bank: bank.baseAddress,
                bank_rows: 30)
              return unsafe body(&batch)
            }
          }
        }
      }
    }
  }
}
