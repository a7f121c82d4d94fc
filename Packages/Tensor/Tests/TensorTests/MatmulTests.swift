import Tensor
import TensorTestSupport
import Testing

@Suite("Matrix product")
struct MatmulTests {
  func random(_ shape: Shape, _ seed: UInt64) -> Tensor {
    var generator = PhiloxGenerator(seed: seed)
    return generator.uniform(shape: shape, in: -1..<1)
  }

  /// The product of matrices as plain loops in Double.
  func naive(
    _ a: Tensor, _ b: Tensor, transposeA: Bool, transposeB: Bool, added: Tensor? = nil,
    scale: Double = 1
  ) -> Tensor {
    let batch = a.shape.dropLast(2).reduce(1, *)
    let (rows, depth) = transposeA ? (a.shape[-1], a.shape[-2]) : (a.shape[-2], a.shape[-1])
    let columns = transposeB ? b.shape[-2] : b.shape[-1]
    let (left, right) = (a.scalars, b.scalars)
    var result: [Float] = []
    for matrix in 0..<batch {
      for row in 0..<rows {
        for column in 0..<columns {
          var sum = Double(added?.scalars[result.count] ?? 0)
          for inner in 0..<depth {
            let i = transposeA ? inner * rows + row : row * depth + inner
            let j = transposeB ? column * depth + inner : inner * columns + column
            sum +=
              scale * Double(left[matrix * rows * depth + i])
              * Double(right[matrix * columns * depth + j])
          }
          result.append(Float(sum))
        }
      }
    }
    return Tensor(result, shape: Shape(a.shape.dropLast(2) + [rows, columns]))
  }

  static let transpositions = [(false, false), (false, true), (true, false), (true, true)]
  // Rows, columns, depth: one tile, strips of rows, of columns, of the depth; odd and empty sizes.
  static let sizes = [
    (1, 1, 1), (15, 17, 16), (0, 3, 4), (3, 0, 4), (3, 4, 0), (300, 65, 33), (33, 300, 65),
    (17, 15, 4100), (64, 48, 400), (1030, 24, 24),
  ]

  @Test("all transpositions are the plain sums", arguments: sizes, transpositions)
  func products(size: (Int, Int, Int), transposed: (Bool, Bool)) {
    let (rows, columns, depth) = size
    let a = random(transposed.0 ? [depth, rows] : [rows, depth], 1)
    let b = random(transposed.1 ? [columns, depth] : [depth, columns], 2)
    let found = a.matmul(b, transposeSelf: transposed.0, transposeOther: transposed.1)
    let expected = naive(a, b, transposeA: transposed.0, transposeB: transposed.1)
    #expect(difference(from: expected, found, relative: 2e-6, absolute: 1e-6) == nil)
  }

  @Test("leading axes are a batch", arguments: transpositions)
  func batches(transposed: (Bool, Bool)) {
    for leading in [[2], [5], [2, 3], [0]] {
      let a = random(Shape(leading + (transposed.0 ? [9, 65] : [65, 9])), 3)
      let b = random(Shape(leading + (transposed.1 ? [130, 9] : [9, 130])), 4)
      let found = a.matmul(b, transposeSelf: transposed.0, transposeOther: transposed.1)
      let expected = naive(a, b, transposeA: transposed.0, transposeB: transposed.1)
      #expect(difference(from: expected, found, relative: 2e-6, absolute: 1e-6) == nil)
    }
  }

  @Test("a scaled product is added in place, and a copy does not see it")
  func adding() {
    for (rows, columns, depth) in [(7, 5, 3), (300, 20, 100), (17, 15, 4100), (2, 2, 0)] {
      let (a, b) = (random([depth, rows], 5), random([columns, depth], 6))
      let start = random([rows, columns], 7)
      var sum = start
      sum.addMatmul(a, b, transposeLeft: true, transposeRight: true, scale: -0.5)
      let expected = naive(a, b, transposeA: true, transposeB: true, added: start, scale: -0.5)
      #expect(difference(from: expected, sum, relative: 2e-6, absolute: 1e-6) == nil)
      #expect(start == random([rows, columns], 7))
    }
  }

  @Test("matrix by vector", arguments: [(1, 1), (17, 15), (0, 3), (3, 0), (700, 800)])
  func vector(rows: Int, columns: Int) {
    let matrix = random([rows, columns], 8)
    for transposed in [false, true] {
      let vector = random([transposed ? rows : columns], 9)
      let expected = naive(
        matrix, vector.reshaped(to: [vector.count, 1]), transposeA: transposed, transposeB: false)
      let found = matrix.matvec(vector, transposed: transposed)
      #expect(
        difference(
          from: expected.reshaped(to: [expected.count]), found, relative: 2e-6, absolute: 1e-6)
          == nil)
    }
  }

  @Test("any number of threads gives the same bits", arguments: [(300, 301, 64), (31, 31, 9000)])
  func threads(size: (rows: Int, columns: Int, depth: Int)) {
    let (a, b) = (random([size.rows, size.depth], 10), random([size.depth, size.columns], 11))
    let before = Threads.count
    defer { Threads.count = before }
    var results: [Tensor] = []
    for threads in [1, 2, 3] {
      Threads.count = threads
      results.append(a.matmul(b))
    }
    #expect(results[0] == results[1])
    #expect(results[0] == results[2])
  }

  @Test("linear and its gradients are products, and the bias' gradient a sum")
  func linear() {
    let input = random([3, 5, 17], 12)
    let (weight, bias) = (random([15, 17], 13), random([15], 14))
    let rows = input.reshaped(15, 17)
    let product = naive(rows, weight, transposeA: false, transposeB: true)
    let expected = Tensor(
      product.scalars.enumerated().map { $1 + bias.scalars[$0 % 15] }, shape: [3, 5, 15])
    #expect(
      difference(from: expected, input.linear(weight, bias: bias), relative: 2e-6) == nil)
    #expect(
      difference(from: product, input.linear(weight).reshaped(15, 15), relative: 2e-6) == nil)

    let upstream = random([3, 5, 15], 15)
    let upstreamRows = upstream.reshaped(15, 15)
    let inputGradient = naive(upstreamRows, weight, transposeA: false, transposeB: false)
    #expect(
      difference(
        from: inputGradient.reshaped(3, 5, 17), upstream.linearInputGradient(weight),
        relative: 2e-6) == nil)
    let found = upstream.linearWeightGradient(input: input)
    let weightGradient = naive(upstreamRows, rows, transposeA: true, transposeB: false)
    #expect(difference(from: weightGradient, found, relative: 2e-6) == nil)
    let sums = naive(.ones([1, 15]), upstreamRows, transposeA: false, transposeB: false)
    #expect(
      difference(from: sums.reshaped(15), upstream.biasGradient(), relative: 2e-6) == nil)
  }

  @Test("linear without inputs gives the bias")
  func linearOfNothing() {
    let output = Tensor.zeros([2, 0]).linear(.zeros([3, 0]), bias: Tensor([1, 2, 3]))
    #expect(output == Tensor([1, 2, 3, 1, 2, 3], shape: [2, 3]))
    #expect(Tensor.zeros([2, 0]).linear(.zeros([3, 0])) == .zeros([2, 3]))
  }

  @Test("sizes that do not agree stop with a message that names both shapes")
  func wrongShapes() async {
    let inner = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.zeros([2, 3]).matmul(.zeros([4, 5]), transposeOther: true)
    }
    #expect(
      String(decoding: inner?.standardErrorContent ?? [], as: UTF8.self)
        .contains("matmul: [2, 3] by [4, 5] transposed: inner sizes differ, 3 and 5") as Bool)
  }
}
