import Foundation
import Tensor
import TensorTestSupport
import Testing

@Suite("Elementwise")
struct ElementwiseTests {
  typealias Unary = (
    name: String, kernel: @Sendable (Tensor) -> Tensor, plain: @Sendable (Double) -> Double
  )

  static let unary: [Unary] = [
    ("negate", { -$0 }, { -$0 }), ("abs", { $0.abs() }, { abs($0) }),
    ("squared", { $0.squared() }, { $0 * $0 }),
    ("squareRoot", { $0.squareRoot() }, { $0.squareRoot() }),
    ("reciprocalSquareRoot", { $0.reciprocalSquareRoot() }, { 1 / $0.squareRoot() }),
    ("reciprocal", { $0.reciprocal() }, { 1 / $0 }),
    ("exp", { $0.exp() }, { exp($0) }), ("log", { $0.log() }, { log($0) }),
    ("log1p", { $0.log1p() }, { log1p($0) }),
    ("sigmoid", { $0.sigmoid() }, { 1 / (1 + exp(-$0)) }),
    ("tanh", { $0.tanh() }, { tanh($0) }),
    ("softplus", { $0.softplus() }, { max($0, 0) + log1p(exp(-abs($0))) }),
    ("sign", { $0.sign() }, { $0.isNaN ? .nan : $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }),
    ("floor", { $0.floor() }, { floor($0) }),
    ("relu", { $0.relu() }, { $0.isNaN ? .nan : max($0, 0) }),
    ("relu6", { $0.relu6() }, { $0.isNaN ? .nan : min(max($0, 0), 6) }),
    ("leakyRelu", { $0.leakyRelu() }, { $0 < 0 ? 0.01 * $0 : $0 }),
    ("power", { $0.power(2.5) }, { pow($0, 2.5) }),
    ("affine", { $0.affine(scale: 2, shift: 1) }, { 2 * $0 + 1 }),
  ]

  @Test("equals the function in Double at every size", arguments: [0, 1, 15, 16, 17, 1003])
  func unaryKernels(count: Int) {
    for function in Self.unary {
      var input = randomTensor([count], seed: 3) * 4
      if ["squareRoot", "reciprocalSquareRoot", "log", "power"].contains(function.name) {
        input = input.abs() + 1e-3
      }
      if function.name == "log1p" { input = input.abs() - 0.99 }
      let expected = tensor([count]) { function.plain(at(input, $0)) }
      let found = function.kernel(input)
      #expect(
        difference(from: expected, found, relative: 2e-6, absolute: 1e-7) == nil, "\(function.name)"
      )
    }
  }

  @Test("NaN stays NaN, and infinities, zeros and extremes are as in Double")
  func specialNumbers() {
    let special: [Float] = [
      .nan, .infinity, -.infinity, 0, -0.0, 88.7, -103, 1e-38, .leastNonzeroMagnitude, 3.4e38,
      -3.4e38, 20, -20,
    ]
    for function in Self.unary {
      let found = function.kernel(Tensor(special)).scalars
      for (input, output) in zip(special, found) {
        let expected = Float(function.plain(Double(input)))
        if expected.isNaN {
          #expect(output.isNaN, "\(function.name) of \(input) is \(output)")
        } else if !expected.isFinite || expected == 0 || abs(expected) < 1.2e-38 {
          // Results below the smallest normal number may be flushed to 0.
          #expect(
            output == expected || abs(output - expected) < 1.2e-38,
            "\(function.name) of \(input) is \(output), expected \(expected)")
        } else {
          #expect(
            abs(output - expected) <= 4e-6 * abs(expected),
            "\(function.name) of \(input) is \(output), expected \(expected)")
        }
      }
    }
  }

  static let binary:
    [(
      name: String, kernel: @Sendable (Tensor, Tensor) -> Tensor,
      plain: @Sendable (Double, Double) -> Double
    )] = [
      ("+", { $0 + $1 }, { $0 + $1 }), ("-", { $0 - $1 }, { $0 - $1 }),
      ("*", { $0 * $1 }, { $0 * $1 }), ("/", { $0 / $1 }, { $0 / $1 }),
      ("maximum", { $0.maximum($1) }, { max($0, $1) }),
      ("minimum", { $0.minimum($1) }, { min($0, $1) }),
      ("greater", { $0.greater(than: $1) }, { $0 > $1 ? 1 : 0 }),
      ("greaterOrEqual", { $0.greaterOrEqual(to: $1) }, { $0 >= $1 ? 1 : 0 }),
      ("less", { $0.less(than: $1) }, { $0 < $1 ? 1 : 0 }),
      ("lessOrEqual", { $0.lessOrEqual(to: $1) }, { $0 <= $1 ? 1 : 0 }),
      ("equal", { $0.equal(to: $1) }, { $0 == $1 ? 1 : 0 }),
    ]

  static let shapes: [(Shape, Shape)] = [
    ([3, 5], [3, 5]), ([3, 5], [5]), ([5], [3, 5]), ([3, 1], [1, 5]), ([2, 1, 4, 1], [3, 1, 17]),
    ([], [3, 5]), ([3, 5], []), ([1], [7]), ([2, 3, 17], [2, 1, 1]), ([0, 4], [1, 4]),
    ([0, 4], [4]), ([1], [0]), ([2, 15, 3], [15, 1]), ([16, 1, 1, 2], [5, 6, 1]),
  ]

  @Test("operands broadcast as NumPy's", arguments: shapes)
  func broadcasting(left: Shape, right: Shape) throws {
    let shape = try #require(left.broadcast(with: right))
    // Quarters, so that some are equal.
    let (a, b) = (
      (randomTensor(left, seed: 1) * 4).floor() / 4, (randomTensor(right, seed: 2) * 4).floor() / 4
    )
    func source(_ tensor: Tensor, _ indices: [Int]) -> Double {
      at(tensor, zip(indices.suffix(tensor.rank), tensor.shape).map { $1 == 1 ? 0 : $0 })
    }
    for function in Self.binary {
      let expected = tensor(shape) { function.plain(source(a, $0), source(b, $0)) }
      let found = function.kernel(a, b)
      #expect(found.shape == shape)
      #expect(
        difference(from: expected, found, relative: 1e-6, absolute: 0) == nil
          || (function.name == "/" && b.scalars.contains(0)), "\(function.name)")
    }
    #expect(a.broadcast(to: shape).scalars == tensor(shape) { source(a, $0) }.scalars)
  }

  @Test("the adjoint of broadcasting adds up what was stretched", arguments: shapes)
  func broadcastAdjoint(left: Shape, right: Shape) throws {
    let shape = try #require(left.broadcast(with: right))
    let upstream = randomTensor(shape, seed: 5)
    var expected = Tensor.zeros(left)
    for index in everyIndex(shape) {
      let place = zip(index.suffix(left.rank), left).map { $1 == 1 ? 0 : $0 }
      let offset = zip(place, left).reduce(0) { $0 * $1.1 + $1.0 }
      var span = expected.scalars
      span[offset] += Float(at(upstream, index))
      expected = Tensor(span, shape: left)
    }
    #expect(
      difference(from: expected, upstream.reduced(to: left), relative: 1e-5, absolute: 1e-5) == nil)
  }

  @Test("adding and scaling in place leaves copies alone")
  func inPlace() {
    var sum = randomTensor([3, 17])
    let copy = sum
    sum.add(copy, scaledBy: 2)
    sum.multiply(by: 0.5)
    #expect(copy.scalars == randomTensor([3, 17]).scalars)
    #expect(difference(from: copy * 1.5, sum, relative: 1e-6, absolute: 0) == nil)
  }

  @Test("assignments stretch the right side only", arguments: shapes)
  func assignment(left: Shape, right: Shape) {
    guard left.broadcast(with: right) == left else { return }
    let (a, b) = (randomTensor(left, seed: 1), randomTensor(right, seed: 2) + 4)
    var (sum, difference, product, quotient, doubled) = (a, a, a, a, a)
    sum += b
    difference -= b
    product *= b
    quotient /= b
    doubled *= 2
    #expect(sum == a + b && difference == a - b && product == a * b && quotient == a / b)
    #expect(doubled == 2 * a && a == randomTensor(left, seed: 1))
  }

  @Test("numbers stand on either side")
  func numbers() {
    let x = Tensor([-2, 0.5, 4])
    #expect((1 + x).scalars == [-1, 1.5, 5] && (1 - x).scalars == [3, 0.5, -3])
    #expect((2 * x).scalars == [-4, 1, 8] && (2 / x).scalars == [-1, 4, 0.5])
    #expect(x.greater(than: 0.5).scalars == [0, 0, 1])
    #expect(x.greaterOrEqual(to: 0.5).scalars == [0, 1, 1])
    #expect(x.less(than: 0.5).scalars == [1, 0, 0])
    #expect(x.lessOrEqual(to: 0.5).scalars == [1, 1, 0])
    #expect(x.equal(to: 0.5).scalars == [0, 1, 0])
    #expect(Tensor([.nan]).lessOrEqual(to: 0).scalar == 0)
  }

  @Test(
    "a choice by mask stretches mask and other",
    arguments: [[0, 3], [1, 1], [15, 17]] as [Shape])
  func choice(shape: Shape) {
    let input = randomTensor(shape)
    let column = randomTensor([shape[0], 1], seed: 2).greater(than: 0)
    let row = randomTensor([shape[1]], seed: 3)
    let expected = tensor(shape) {
      at(column, [$0[0], 0]) != 0 ? at(input, $0) : at(row, [$0[1]])
    }
    #expect(input.replacing(with: row, whereZero: column) == expected)
  }

  @Test("the first element that is not finite is found")
  func notFinite() {
    #expect(Tensor([1, .nan, .infinity]).firstNotFinite == 1)
    #expect(Tensor([1, -.infinity]).firstNotFinite == 1)
    #expect(Tensor([1, -3e38]).firstNotFinite == nil && Tensor.zeros([0]).firstNotFinite == nil)
  }
}
