import Foundation
import Tensor
import TensorTestSupport
import Testing

@Suite("Reductions")
struct ReductionTests {
  static let cases: [(shape: Shape, axes: [Int]?)] = [
    ([7], nil), ([3, 5], [0]), ([3, 5], [1]), ([3, 5], [-1]), ([3, 5], nil), ([2, 3, 4], [1]),
    ([2, 3, 4], [0, 2]), ([2, 3, 4], [0, 1]), ([2, 17, 15, 3], [1, 2]), ([1, 1], [0]), ([], nil),
    ([40, 1001], [1]), ([1001, 40], [0]), ([5, 0], [0]),
  ]

  /// The elements that each result is reduced from, in order.
  func groups(_ input: Tensor, _ axes: [Int]?) -> (shape: Shape, kept: Shape, members: [[Double]]) {
    let reduced = Set((axes ?? Array(0..<input.rank)).map { $0 < 0 ? $0 + input.rank : $0 })
    let kept = Shape(input.shape.enumerated().map { reduced.contains($0.offset) ? 1 : $0.element })
    let shape = Shape(
      input.shape.enumerated().filter { !reduced.contains($0.offset) }.map(\.element))
    var members = [[Double]](repeating: [], count: kept.elementCount)
    for index in everyIndex(input.shape) {
      let place = zip(index, kept).map { $1 == 1 ? 0 : $0 }
      members[zip(place, kept).reduce(0) { $0 * $1.1 + $1.0 }].append(at(input, index))
    }
    return (shape, kept, members)
  }

  @Test("sum, mean, extremes and deviation equal plain loops in Double", arguments: cases)
  func reductions(shape: Shape, axes: [Int]?) {
    let input = randomTensor(shape)
    let (reduced, kept, members) = groups(input, axes)
    func compare(
      _ name: String, _ kernel: (Bool) -> Tensor, _ plain: ([Double]) -> Double,
      _ line: Int = #line
    ) {
      let expected = Tensor(members.map { Float(plain($0)) }, shape: reduced)
      #expect(
        difference(from: expected, kernel(false), relative: 2e-6, absolute: 1e-6) == nil, "\(name)")
      #expect(kernel(true).shape == kept, "\(name)")
    }
    compare("sum", { input.sum(axes, keepingAxes: $0) }, { $0.reduce(0, +) })
    let mean = { (values: [Double]) in values.reduce(0, +) / Double(values.count) }
    compare("mean", { input.mean(axes, keepingAxes: $0) }, mean)
    compare("norm", { input.norm(axes, keepingAxes: $0) }, { sqrt($0.reduce(0) { $0 + $1 * $1 }) })
    compare("max", { input.max(axes, keepingAxes: $0) }, { $0.max() ?? .nan })
    compare("min", { input.min(axes, keepingAxes: $0) }, { $0.min() ?? .nan })
    for correction in [0, 1] where (members.first?.count ?? 0) > correction {
      compare(
        "deviation",
        { input.standardDeviation(axes, correction: correction, keepingAxes: $0) },
        { values in
          let center = mean(values)
          return sqrt(
            values.reduce(0) { $0 + ($1 - center) * ($1 - center) }
              / Double(values.count - correction))
        })
    }
  }

  @Test("log-sum-exp, argmax and quantiles equal plain loops", arguments: cases)
  func alongAnAxis(shape: Shape, axes: [Int]?) {
    guard let axis = axes?.first, axes?.count == 1 else { return }
    let input = randomTensor(shape)
    let (reduced, _, members) = groups(input, [axis])
    func compare(_ name: String, _ found: Tensor, _ plain: ([Double]) -> Double) {
      let expected = Tensor(members.map { Float(plain($0)) }, shape: reduced)
      #expect(difference(from: expected, found, relative: 2e-6, absolute: 1e-6) == nil, "\(name)")
    }
    compare("logSumExp", input.logSumExp(axis)) { log($0.reduce(0) { $0 + exp($1) }) }
    #expect(input.argmax(axis).indices == members.map { Int32($0.firstIndex(of: $0.max()!)!) })
    #expect(input.argmin(axis).indices == members.map { Int32($0.firstIndex(of: $0.min()!)!) })
    for share in [0, 0.1, 0.5, 0.95, 1] {
      compare("quantile \(share)", input.quantile(share, axis)) { values in
        let sorted = values.sorted()
        let position = share * Double(values.count - 1)
        let below = Int(position)
        let above = min(below + 1, values.count - 1)
        return sorted[below] + (sorted[above] - sorted[below]) * (position - Double(below))
      }
    }
  }

  @Test("NaN wins an extreme and the argmax, and ties go to the first")
  func specialNumbers() {
    let rows = Tensor([1, .nan, 3, 2, 2, 1, -.infinity, -.infinity, -.infinity], shape: [3, 3])
    #expect(rows.max([1]).scalars.map(\.isNaN) == [true, false, false])
    #expect(rows.min([1]).scalars.map(\.isNaN) == [true, false, false])
    #expect(rows.argmax(1).indices == [1, 0, 0])
    let sums = rows.logSumExp(1).scalars
    #expect(sums[0].isNaN && sums[2] == -.infinity)
    #expect(rows.quantile(0.5, 1).scalars[0].isNaN)
    #expect(Tensor([.infinity, 1]).logSumExp(0).scalar == .infinity)
    #expect(Tensor([1000, 1000]).logSumExp(0).scalar == 1000 + log(Float(2)))
  }

  @Test("over no elements a sum is 0 and a mean NaN")
  func empty() {
    #expect(Tensor.zeros([3, 0]).sum([1]).scalars == [0, 0, 0])
    #expect(Tensor.zeros([0]).mean().scalar.isNaN)
    #expect(Tensor.zeros([0, 3]).sum([1]).shape == [0])
    #expect(Tensor([4]).variance().scalar.isNaN)
  }

  @Test("a long sum keeps Double's precision")
  func longSum() {
    var generator = PhiloxGenerator(seed: 4)
    let values = generator.uniform(shape: [1_000_001], in: 0..<1)
    let expected = values.scalars.reduce(0) { $0 + Double($1) }
    #expect(abs(Double(values.sum().scalar) - expected) <= 1e-7 * expected)
  }
}
