internal import Tensor

extension Benchmark {
  /// Matrix products of the sizes that networks and losses use.
  static var matmul: [Benchmark] {
    let sizes = [
      // ResNet-50's 1x1 convolutions at 32 x 32, squares, pairs of embeddings, a weight gradient.
      (1024, 1024, 256), (1024, 256, 1024), (1024, 2048, 512), (1024, 1024, 1024),
      (2048, 2048, 2048), (3308, 3308, 128), (256, 256, 256), (64, 64, 16384),
    ]
    let products = sizes.flatMap { rows, columns, depth in
      [(false, false), (false, true), (true, false), (true, true)].map { left, right in
        Benchmark(
          "matmul/\(rows)x\(depth)\(left ? "ᵀ" : "") by \(depth)x\(columns)\(right ? "ᵀ" : "")",
          work: .operations(Double(2 * rows * columns * depth))
        ) {
          let a = random(left ? [depth, rows] : [rows, depth], 1)
          let b = random(right ? [columns, depth] : [depth, columns], 2)
          return { _ = a.matmul(b, transposeSelf: left, transposeOther: right) }
        }
      }
    }
    let batched = Benchmark(
      "matmul/batch of 64, 196x64 by 64x196", work: .operations(Double(64 * 2 * 196 * 196 * 64))
    ) {
      let (a, b) = (random([64, 196, 64], 1), random([64, 64, 196], 2))
      return { _ = a.matmul(b) }
    }
    let vector = Benchmark(
      "matmul/4096x4096 by vector", work: .bytes(Double(4096 * 4096 * 4))
    ) {
      let (matrix, vector) = (random([4096, 4096], 1), random([4096], 2))
      return { _ = matrix.matvec(vector) }
    }
    return products + [batched, vector]
  }
}
