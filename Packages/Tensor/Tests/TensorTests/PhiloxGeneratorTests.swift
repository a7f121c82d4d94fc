import CKernels
import Tensor
import Testing

@Suite("PhiloxGenerator")
struct PhiloxGeneratorTests {
  /// Known answers of Random123: counter and key words, and the block they give.
  @Test(
    "blocks are the published known answers",
    arguments: [
      (0, 0, 0, [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
      (
        UInt64.max, UInt64.max, UInt64.max,
        [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
      ),
      (
        0x299f_31d0_a409_3822, 0x0370_7344_1319_8a2e, 0x85a3_08d3_243f_6a88,
        [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
      ),
    ] as [(UInt64, UInt64, UInt64, [UInt32])])
  func knownAnswers(seed: UInt64, stream: UInt64, block: UInt64, words: [UInt32]) {
    var found = [UInt32](repeating: 0, count: 4)
    unsafe ck_philox_block(seed, stream, block, &found)
    #expect(found == words)
  }

  @Test("next() hands out the words of block after block")
  func words() {
    var generator = PhiloxGenerator(seed: 0)
    #expect(generator.next() == 0xe169_c58d_6627_e8d5)
    #expect(generator.next() == 0x9b00_dbd8_bc57_ac4c)
    #expect(generator.position == 2)
  }

  @Test("element i of a draw does not depend on the draw's size or the threads")
  func counterBased() {
    let before = Threads.count
    defer { Threads.count = before }
    var long = PhiloxGenerator(seed: 3, stream: 7)
    Threads.count = 2
    let many = long.uniform(shape: [100_003])
    var short = PhiloxGenerator(seed: 3, stream: 7)
    Threads.count = 1
    let few = short.uniform(shape: [1001])
    #expect(Array(many.scalars.prefix(1001)) == few.scalars)
    var again = PhiloxGenerator(seed: 3, stream: 7)
    #expect(again.uniform(shape: [100_003]) == many)
    var normals = (PhiloxGenerator(seed: 1), PhiloxGenerator(seed: 1))
    let one = normals.0.normal(shape: [50_001])
    Threads.count = 2
    #expect(normals.1.normal(shape: [50_001]) == one)
  }

  @Test("consecutive draws do not overlap, and state is restored by its parts")
  func state() {
    var generator = PhiloxGenerator(seed: 5)
    _ = generator.next()
    let first = generator.uniform(shape: [5])
    let second = generator.uniform(shape: [5])
    #expect(first != second)
    var restored = PhiloxGenerator(
      seed: generator.seed, stream: generator.stream, position: generator.position)
    #expect(restored.normal(shape: [9]) == generator.normal(shape: [9]))
    #expect(restored.next() == generator.next())
  }

  /// Pearson's statistic of counts against equal shares.
  private func chiSquare(_ counts: [Int], expected: [Double]) -> Double {
    zip(counts, expected).reduce(0) {
      let difference = Double($1.0) - $1.1
      return $0 + difference * difference / $1.1
    }
  }

  @Test("uniform numbers fill their range evenly")
  func uniform() {
    var generator = PhiloxGenerator(seed: 11)
    let numbers = generator.uniform(shape: [200_000]).scalars
    var counts = [Int](repeating: 0, count: 20)
    for number in numbers {
      #expect(number >= 0 && number < 1)
      counts[Int(number * 20)] += 1
    }
    // 43.8 is exceeded by chance once in a thousand times at 19 degrees of freedom.
    #expect(chiSquare(counts, expected: Array(repeating: 10_000, count: 20)) < 43.8)
  }

  @Test("normal numbers have the moments of the normal distribution")
  func normal() {
    var generator = PhiloxGenerator(seed: 12)
    let numbers = generator.normal(shape: [400_001], mean: 2, standardDeviation: 3).scalars
    let scaled = numbers.map { (Double($0) - 2) / 3 }
    let moments = (1...4).map { power in
      scaled.reduce(0.0) { sum, x in sum + (0..<power).reduce(1.0) { y, _ in y * x } }
        / Double(scaled.count)
    }
    for (found, expected) in zip(moments, [0, 1, 0, 3.0]) { #expect(abs(found - expected) < 0.03) }
  }

  @Test("integers are uniform below any bound", arguments: [1, 3, 10, 1 << 31])
  func integers(bound: Int) {
    var generator = PhiloxGenerator(seed: 13)
    let drawn = generator.integers(below: bound, shape: [30_001]).indices
    var counts = [Int](repeating: 0, count: min(bound, 10))
    for value in drawn {
      #expect(value >= 0 && Int(value) < bound)
      counts[Int(value) * counts.count / bound] += 1
    }
    let expected = Double(drawn.count) / Double(counts.count)
    // 27.9: once in a thousand times at 9 degrees of freedom.
    #expect(chiSquare(counts, expected: counts.map { _ in expected }) < 27.9)
  }

  @Test("categories appear by their weights, and never at weight 0")
  func categorical() {
    var generator = PhiloxGenerator(seed: 14)
    let weights = Tensor([0, 1, 2, 0, 5, 2, 0])
    var counts = [Int](repeating: 0, count: 7)
    for index in generator.categorical(weights, shape: [100_000]).indices {
      counts[Int(index)] += 1
    }
    #expect(counts[0] + counts[3] + counts[6] == 0)
    let chosen = [1, 2, 4, 5]
    // 16.3: once in a thousand times at 3 degrees of freedom.
    #expect(
      chiSquare(chosen.map { counts[$0] }, expected: [10_000, 20_000, 50_000, 20_000]) < 16.3)
  }

  @Test("a permutation holds every number once", arguments: [0, 1, 17, 1000])
  func permutation(count: Int) {
    var generator = PhiloxGenerator(seed: 15)
    let order = generator.permutation(count)
    #expect(order.indices.sorted() == (0..<Int32(count)).map { $0 })
    if count == 1000 { #expect(order.indices != order.indices.sorted()) }
  }

  @Test("weights that are all 0 stop with a message")
  func noWeight() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = PhiloxGenerator(seed: 1)
      _ = generator.categorical(.zeros([3]), shape: [1])
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("categorical: no weight of [3] is above 0"))
  }
}
