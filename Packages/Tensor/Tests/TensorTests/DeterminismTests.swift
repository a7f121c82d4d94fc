import Tensor
import Testing

/// Large enough that every kernel splits its work.
@Suite("Determinism", .serialized)
struct DeterminismTests {
  static let images = randomTensor([3, 37, 41, 33])
  static let rows = randomTensor([2051, 67])
  static let pool = PoolingParameters(kernelSize: 3, stride: 2, padding: 1)

  static let kernels: [(name: String, run: @Sendable () -> [Tensor])] = [
    ("elementwise", { [images.exp(), images.sigmoid(), images * images, images + rows[0, 0]] }),
    ("broadcasting", { [(images + images.sliced(0..<1, axis: 1)).reduced(to: [41, 33])] }),
    (
      "reductions", { [images.sum(), images.sum([1, 2]), images.variance([0]), rows.logSumExp()] }
    ),
    ("quantile", { [rows.quantile(0.3), rows.max([0])] }),
    ("softmax", { [rows.softmax(), rows.logSoftmax(0), rows.softmaxGradient(rows)] }),
    (
      "norms",
      {
        let (ones, statistics) = (Tensor.ones([33]), images.batchStatistics())
        let gradient = images.batchNormGradient(
          input: images, statistics, gamma: ones, fixed: false)
        let layer = images.layerNormGradient(input: images, gamma: ones)
        let group = images.groupNormGradient(input: images, groups: 3, gamma: ones)
        return [
          statistics.mean, statistics.variance, gradient.input, gradient.gamma, layer.input,
          layer.gamma, group.input, group.gamma, rows.normalizedRows().rows,
        ]
      }
    ),
    (
      "layout",
      {
        [
          images.transposed([3, 1, 0, 2]), images.flipped([2]),
          images.padded([(0, 0), (2, 3)], .reflect), rows.matmul(rows, transposeSelf: true),
          rows.scatterAddRows(IndexTensor((0..<2051).map { Int32($0 * 7 % 13) }), rows: 13),
        ]
      }
    ),
    (
      "pooling",
      {
        let (values, positions) = images.maxPooled(pool)
        return [
          values, values.maxPoolGradient(positions, pool, to: images.shape),
          images.averagePooled(pool), images.topKPooled(50).values,
        ]
      }
    ),
    (
      "resize",
      {
        let larger = images.resized(height: 80, width: 60)
        return [larger, larger.resizeGradient(to: images.shape)]
      }
    ),
    (
      "Winograd",
      {
        let weight = randomTensor([3, 3, 33, 64], seed: 2)
        let parameters = Convolution2dParameters(padding: .init(1))
        let result = images.convolution2d(weight, parameters)
        return [
          result,
          result.convolution2dInputGradient(weight, inputShape: images.shape, parameters),
          result.convolution2dWeightGradient(
            input: images, weightShape: weight.shape, parameters
          ).weight,
        ]
      }
    ),
    (
      "random numbers",
      {
        var generator = PhiloxGenerator(seed: 5)
        return [
          generator.uniform(shape: [100_003]), generator.normal(shape: [100_003]),
          Tensor(generator.permutation(10_007).indices.map(Float.init)),
          Tensor(
            generator.categorical(rows.abs().sliced(0..<1, axis: 0).reshaped(-1), shape: [50_021])
              .indices.map(Float.init)),
        ]
      }
    ),
  ]

  @Test(
    "our kernels give the same bits twice, and on 1, 2 and 3 threads", arguments: kernels.indices)
  func sameBits(index: Int) {
    let kernel = Self.kernels[index]
    let before = Threads.count
    defer { Threads.count = before }
    Threads.count = 1
    let expected = kernel.run().map(bits)
    for threads in [1, 2, 3] {
      Threads.count = threads
      #expect(kernel.run().map(bits) == expected, "\(kernel.name) on \(threads) threads")
    }
  }
}
