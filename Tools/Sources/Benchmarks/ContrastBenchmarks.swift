internal import Autograd
internal import Contrast
internal import NROI
internal import Tensor

extension Benchmark {
  /// The whole FBR loss of a step: regions, bank, both contrasts, separation, and the gradients.
  static let contrast: [Benchmark] = [(16, 32), (8, 32), (4, 32), (16, 16), (16, 64)].map {
    fbrLoss(batch: $0, size: $1)
  }

  private static func fbrLoss(batch: Int, size: Int) -> Benchmark {
    Benchmark(
      "contrast/FBR loss, \(batch) images, \(size)x\(size)x128, forward and backward",
      work: .items(Double(batch), unit: "images")
    ) {
      let (classes, depth) = (20, 128)
      var generator = PhiloxGenerator(seed: 3)
      let zf = mixture(images: batch, rows: size * size, dimension: depth)
        .reshaped(batch, size, size, depth)
      let zb = mixture(images: batch, rows: size * size, dimension: depth)
        .reshaped(batch, size, size, depth)
      let logits = blobs(batch: batch, size: size, classes: classes, using: &generator)
      var labels = Tensor.zeros([batch, classes])
      for image in 0..<batch {
        for offset in 0...image % 3 { labels[image, (image * 3 + offset) % classes] = 1 }
      }
      var bank = MemoryBank()
      bank.push(generator.uniform(shape: [bank.capacity, bank.dimension]))
      var step = 0
      return {
        do {
          let foreground = Variable(zf, requiresGradient: true)
          let background = Variable(zb, requiresGradient: true)
          let seeds = try SeedMap(logits: logits, imageLabels: labels)
          let regions = try NegativeRegions(
            embeddings: zb, labels: seeds.labels, seed: 1, step: step)
          bank.push(regions.centroids)
          let loss = try FBRLoss(
            foreground: foreground, background: background, seeds: seeds, bank: bank.rows,
            bankCount: bank.count, using: &generator)
          loss.total.backward()
          step += 1
        } catch { fatalError("\(error)") }
      }
    }
  }

  /// Logits that vary smoothly over the picture, so that regions have an inside and a border.
  private static func blobs(
    batch: Int, size: Int, classes: Int, using generator: inout PhiloxGenerator
  ) -> Tensor {
    let coarse = 4
    let anchors = generator.normal(
      shape: [batch, coarse + 1, coarse + 1, classes + 1], standardDeviation: 2)
    var logits = Tensor.zeros([batch, size, size, classes + 1])
    anchors.withScalars { anchors in
      logits.withMutableScalars { logits in
        var out = 0
        for image in 0..<batch {
          for y in 0..<size {
            for x in 0..<size {
              let (v, u) = (Float(y * coarse) / Float(size), Float(x * coarse) / Float(size))
              let (row, column) = (Int(v), Int(u))
              let (fy, fx) = (v - Float(row), u - Float(column))
              for c in 0...classes {
                func anchor(_ dy: Int, _ dx: Int) -> Float {
                  anchors[
                    ((image * (coarse + 1) + row + dy) * (coarse + 1) + column + dx)
                      * (classes + 1) + c]
                }
                let top = anchor(0, 0) * (1 - fx) + anchor(0, 1) * fx
                let bottom = anchor(1, 0) * (1 - fx) + anchor(1, 1) * fx
                logits[out] = top * (1 - fy) + bottom * fy
                out += 1
              }
            }
          }
        }
      }
    }
    return logits
  }
}
