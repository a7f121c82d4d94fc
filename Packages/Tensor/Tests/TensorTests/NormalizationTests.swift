import Foundation
import Tensor
import TensorTestSupport
import Testing

@Suite("Normalisation")
struct NormalizationTests {
  @Test("softmax and its logarithm equal Double's along any axis", arguments: [1, 15, 17, 1001])
  func softmax(columns: Int) {
    let input = randomTensor([3, columns, 2]) * 20
    for axis in [0, 1, 2] {
      func sum(_ index: [Int], _ top: Double) -> Double {
        (0..<input.shape[axis]).reduce(0) { sum, place in
          var other = index
          other[axis] = place
          return sum + exp(at(input, other) - top)
        }
      }
      let top = Double(input.max().scalar)
      let expected = tensor(input.shape) { exp(at(input, $0) - top) / sum($0, top) }
      #expect(
        difference(from: expected, input.softmax(axis), relative: 4e-6, absolute: 1e-7) == nil)
      let logarithm = tensor(input.shape) { at(input, $0) - top - log(sum($0, top)) }
      #expect(
        difference(from: logarithm, input.logSoftmax(axis), relative: 2e-6, absolute: 4e-6) == nil)
    }
  }

  @Test("softmax takes extremes, and a row with NaN is NaN")
  func softmaxExtremes() {
    let rows = Tensor([1000, -1000, 0, -.infinity, 5, .nan], shape: [3, 2]).softmax().scalars
    #expect(rows[0...3] == [1, 0, 1, 0])
    #expect(rows[4].isNaN && rows[5].isNaN)
  }

  @Test("batch, group and layer norm equal their definitions", arguments: [1, 4, 15, 17, 64])
  func norms(channels: Int) {
    let input = randomTensor([2, 5, 3, channels]) * 3 + 1
    let (gamma, beta) = (randomTensor([channels], seed: 2), randomTensor([channels], seed: 3))
    /// Each element normalised over those that share its key.
    func normalized(_ key: ([Int]) -> Int) -> Tensor {
      var sums: [Int: (count: Double, sum: Double, squares: Double)] = [:]
      for index in everyIndex(input.shape) {
        let value = at(input, index)
        let old = sums[key(index)] ?? (0, 0, 0)
        sums[key(index)] = (old.count + 1, old.sum + value, old.squares + value * value)
      }
      return tensor(input.shape) { index in
        let (count, sum, squares) = sums[key(index)] ?? (1, 0, 1)
        let mean = sum / count
        return (at(input, index) - mean) / sqrt(max(squares / count - mean * mean, 0) + 1e-5)
          * at(gamma, [index[3]]) + at(beta, [index[3]])
      }
    }
    func compare(_ name: String, _ expected: Tensor, _ found: Tensor) {
      #expect(difference(from: expected, found, relative: 1e-5, absolute: 2e-5) == nil, "\(name)")
    }
    let statistics = input.batchStatistics()
    compare(
      "batch norm", normalized { $0[3] },
      input.batchNormalized(statistics, gamma: gamma, beta: beta))
    for groups in [1, channels] {
      compare(
        "group norm", normalized { $0[0] * 1000 + $0[3] * groups / channels },
        input.groupNormalized(groups: groups, gamma: gamma, beta: beta))
    }
    if channels > 1 {
      compare(
        "layer norm", normalized { ($0[0] * 5 + $0[1]) * 3 + $0[2] },
        input.layerNormalized(gamma: gamma, beta: beta))
    }
  }

  @Test("running statistics follow PyTorch's rule, with the unbiased variance")
  func runningStatistics() {
    let statistics = Tensor([1, 3, 5, 7], shape: [4, 1]).batchStatistics()
    var (mean, variance) = (Tensor.zeros([1]), Tensor.ones([1]))
    statistics.updateRunning(mean: &mean, variance: &variance, momentum: 0.1)
    #expect(abs(mean.scalar - 0.4) < 1e-6)
    #expect(abs(variance.scalar - (0.9 + 0.1 * 20 / 3)) < 1e-6)
  }

  @Test("rows get length 1, and short ones are divided by the bound", arguments: [1, 15, 17, 130])
  func rowLengths(columns: Int) {
    var input = randomTensor([5, columns])
    input = Tensor(concatenating: [input, .zeros([1, columns])], axis: 0)
    let (rows, lengths) = input.normalizedRows()
    let expectedLengths = tensor([6]) { index in
      sqrt((0..<columns).reduce(0) { $0 + pow(at(input, [index[0], $1]), 2) })
    }
    #expect(difference(from: expectedLengths, lengths, relative: 2e-6, absolute: 0) == nil)
    let expected = tensor(input.shape) {
      at(input, $0) / max(at(expectedLengths, [$0[0]]), 1e-12)
    }
    #expect(difference(from: expected, rows, relative: 4e-6, absolute: 0) == nil)
    let cosines = input.cosineMatrix(input)
    #expect(abs(cosines[2, 2] - 1) < 1e-5 && cosines[5, 5] == 0)
    #expect(
      difference(
        from: input.cosineSimilarity(input), Tensor([1, 1, 1, 1, 1, 0]), relative: 1e-5, absolute: 0
      )
        == nil)
  }
}
