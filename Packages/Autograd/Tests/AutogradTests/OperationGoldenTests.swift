import Autograd
import AutogradTestSupport
import Tensor
import TensorTestSupport
import Testing

/// Every differentiable operation against PyTorch (`golden_operations.py`), and against central
/// differences at the same inputs.
@Suite("Operations equal PyTorch")
struct OperationGoldenTests {
  typealias Operation = ([Variable], GoldenFile.Case) -> Variable

  private static func pooling(_ golden: GoldenFile.Case) -> PoolingParameters {
    PoolingParameters(
      kernelSize: golden.integer("kernel"), stride: golden.integer("stride"),
      padding: golden.integer("padding"), ceilMode: golden.integer("ceil") == 1,
      countsPadding: golden.integer("count") == 1)
  }

  private static let rows = IndexTensor([2, 0, 2, 4, 4, 4, 1])
  private static let border: [(before: Int, after: Int)] = [(0, 0), (0, 3), (2, 1)]
  private static let mask = Tensor((0..<35).map { $0 % 3 == 1 ? 0 : 1 }, shape: [5, 7])
  private static let axes = ["last": [-1], "outer": [0, 1], "split": [0, 2], "all": [0, 1, 2]]

  private static func axes(_ golden: GoldenFile.Case) -> [Int]? {
    axes[String(golden.name.split(separator: " ")[1])]
  }

  private static func resized(_ mode: ResizeMode) -> Operation {
    { $0[0].resized(height: $1.integer("height"), width: $1.integer("width"), mode) }
  }

  /// The operation of a case, by the longest of these that its name starts with.
  private static var operations: [String: Operation] {
    [
      "add": { x, _ in x[0] + x[1] }, "subtract": { x, _ in x[0] - x[1] },
      "multiply": { x, _ in x[0] * x[1] }, "divide": { x, _ in x[0] / x[1] },
      "maximum": { x, _ in x[0].maximum(x[1]) }, "minimum": { x, _ in x[0].minimum(x[1]) },
      "addNumber": { x, _ in x[0] + 1.5 }, "subtractNumber": { x, _ in x[0] - 1.5 },
      "subtractFrom": { x, _ in 1.5 - x[0] }, "multiplyNumber": { x, _ in -2.5 * x[0] },
      "divideNumber": { x, _ in x[0] / 3 }, "divideInto": { x, _ in 3 / x[0] },
      "negate": { x, _ in -x[0] },
      "relu": { x, _ in x[0].relu() }, "relu6": { x, _ in x[0].relu6() },
      "leakyRelu": { x, _ in x[0].leakyRelu(slope: 0.2) },
      "sigmoid": { x, _ in x[0].sigmoid() }, "tanh": { x, _ in x[0].tanh() },
      "softplus": { x, _ in x[0].softplus() }, "logSigmoid": { x, _ in x[0].logSigmoid() },
      "exp": { x, _ in x[0].exp() }, "log": { x, _ in x[0].log() },
      "log1p": { x, _ in x[0].log1p() }, "squareRoot": { x, _ in x[0].squareRoot() },
      "reciprocalSquareRoot": { x, _ in x[0].reciprocalSquareRoot() },
      "reciprocal": { x, _ in x[0].reciprocal() }, "squared": { x, _ in x[0].squared() },
      "power": { x, _ in x[0].power(2.5) }, "abs": { x, _ in x[0].abs() },
      "clamped": { x, _ in x[0].clamped(-0.4, 0.6) },
      "sum": { $0[0].sum(axes($1)) }, "mean": { $0[0].mean(axes($1)) },
      "max": { $0[0].max(axes($1)) }, "min": { $0[0].min(axes($1)) },
      "variance": { $0[0].variance(axes($1)) },
      "standardDeviation": { $0[0].standardDeviation(axes($1)) },
      "norm": { $0[0].norm(axes($1)) },
      "logSumExp last": { x, _ in x[0].logSumExp() },
      "logSumExp first": { x, _ in x[0].logSumExp(0) },
      "softmax last": { x, _ in x[0].softmax() }, "softmax middle": { x, _ in x[0].softmax(1) },
      "logSoftmax last": { x, _ in x[0].logSoftmax() },
      "logSoftmax middle": { x, _ in x[0].logSoftmax(1) },
      "normalizedRows": { x, _ in x[0].normalizedRows() },
      "cosineSimilarity": { x, _ in x[0].cosineSimilarity(x[1]) },
      "linear": { x, _ in x[0].linear(x[1], bias: x[2]) },
      "batchNorm training": { x, _ in x[0].batchNormalized(gamma: x[1], beta: x[2]).output },
      "batchNorm fixed": { x, golden in
        x[0].batchNormalized(
          BatchNormStatistics(mean: golden["mean"], variance: golden["variance"]), gamma: x[1],
          beta: x[2], epsilon: 1e-3)
      },
      "groupNorm": { x, _ in x[0].groupNormalized(groups: 3, gamma: x[1], beta: x[2]) },
      "layerNorm": { x, _ in x[0].layerNormalized(gamma: x[1], beta: x[2]) },
      "transposed": { x, _ in x[0].transposed([2, 0, 3, 1]) },
      "transposed matrix": { x, _ in x[0].transposed() },
      "sliced": { x, _ in
        x[0].sliced([.all, AxisRange(start: 1, stop: 7, step: 2), AxisRange(start: -3)])
      },
      "flipped": { x, _ in x[0].flipped([1, 2]) }, "tiled": { x, _ in x[0].tiled([2, 1, 3]) },
      "concatenating": { x, _ in .concatenating([x[0], x[1], x[0]], axis: 1) },
      "stacking": { x, _ in .stacking(x, axis: 1) },
      "reshaped": { x, _ in x[0].reshaped(5, -1) },
      "broadcast": { x, _ in x[0].broadcast(to: [2, 3, 5]) },
      "split": { x, _ in
        .concatenating(x[0].split([1, 4, 2], axis: 1).map { $0.squared() }, axis: 1)
      },
      "padded constant": { x, _ in x[0].padded(border, .constant(1.5)) },
      "padded reflect": { x, _ in x[0].padded(border, .reflect) },
      "padded replicate": { x, _ in x[0].padded(border, .replicate) },
      "gatherRows": { x, _ in x[0].gatherRows(rows) },
      "gather": { x, _ in x[0].gather(rows, axis: -1) },
      "scatterAddRows": { x, _ in x[0].scatterAddRows(rows, rows: 5) },
      "selectRows": { x, _ in x[0].selectRows([true, false, true, true, false]) },
      "replacing": { x, _ in x[0].replacing(with: x[1], whereZero: mask) },
      "maskedMean": { x, _ in x[0].maskedMean(mask) },
      "topK": { x, _ in x[0].topK(3).values }, "sorted": { x, _ in x[0].sorted().values },
      "maxPooled": { $0[0].maxPooled(pooling($1)) },
      "averagePooled": { $0[0].averagePooled(pooling($1)) },
      "adaptive": {
        $0[0].adaptiveAveragePooled(height: $1.integer("height"), width: $1.integer("width"))
      },
      "globalAveragePooled": { x, _ in x[0].globalAveragePooled() },
      "globalMaxPooled": { x, _ in x[0].globalMaxPooled() },
      "topKPooled": { x, _ in x[0].topKPooled(5) },
      "resized nearest": resized(.nearest), "resized bilinear": resized(.bilinear),
      "resized bilinearAlignedCorners": resized(.bilinearAlignedCorners),
    ]
  }

  private static func operation(_ name: String) -> Operation? {
    let key = operations.keys.filter { name == $0 || name.hasPrefix($0 + " ") }
      .max { $0.count < $1.count }
    return key.flatMap { operations[$0] }
  }

  static let names: [String] = (try? GoldenFile("operations", in: .module))?.cases.map(\.name) ?? []

  @Test("the golden file covers every operation listed here")
  func coverage() {
    #expect(Self.names.count > 100)
    for key in Self.operations.keys {
      #expect(Self.names.contains { $0 == key || $0.hasPrefix(key + " ") }, "\(key)")
    }
  }

  @Test("forward and gradients", arguments: names)
  func golden(name: String) throws {
    let golden = try GoldenFile("operations", in: .module)[name]
    let operation = try #require(Self.operation(name))
    let inputs = ["x", "y", "z"].filter(golden.has).map { golden[$0] }
    let variables = inputs.map { Variable($0, requiresGradient: true) }
    let result = operation(variables, golden)
    #expect(difference(from: golden["result"], result.value, relative: 1e-5) == nil)
    result.backward(with: golden["u"])
    for (key, variable) in zip(["dx", "dy", "dz"], variables) {
      let gradient = try #require(variable.gradient)
      #expect(difference(from: golden[key], gradient, relative: 1e-4) == nil, "\(key)")
    }
    let mismatch = gradientMismatch(at: inputs, step: 4e-3) { operation($0, golden) }
    #expect(mismatch == nil)
  }
}
