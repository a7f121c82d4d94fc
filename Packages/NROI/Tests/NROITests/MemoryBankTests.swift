import NROI
import Tensor
import Testing

@Suite("MemoryBank")
struct MemoryBankTests {
  private func rows(_ values: ClosedRange<Int>) -> Tensor {
    Tensor(values.flatMap { [Float($0), -Float($0)] }, shape: [values.count, 2])
  }

  private func contents(_ bank: MemoryBank) -> Set<Float> {
    Set((0..<bank.count).map { bank.rows[$0, 0] })
  }

  @Test("the oldest rows leave first")
  func ring() {
    var bank = MemoryBank(capacity: 5, dimension: 2)
    bank.push(rows(1...3))
    #expect(contents(bank) == [1, 2, 3])
    bank.push(rows(4...7))
    #expect(contents(bank) == [3, 4, 5, 6, 7])
    bank.push(.zeros([0, 2]))
    #expect(contents(bank) == [3, 4, 5, 6, 7])
    bank.push(rows(8...20))
    #expect(contents(bank) == [16, 17, 18, 19, 20])
    #expect(bank.pushed == 20)
  }

  @Test("ages are counted in pushes")
  func ages() {
    var bank = MemoryBank(capacity: 4, dimension: 2)
    bank.push(rows(1...2))
    bank.push(rows(3...3))
    bank.push(rows(4...4))
    #expect(bank.statistics.oldestAge == 2)
    #expect(bank.statistics.meanAge == 1.25)
    #expect(bank.statistics.fill == 1)
    bank.push(rows(5...7))
    #expect(bank.statistics.oldestAge == 1)
  }

  @Test("draws are uniform over the filled places")
  func uniform() {
    var bank = MemoryBank(capacity: 50, dimension: 2)
    bank.push(rows(1...20))
    var generator = PhiloxGenerator(seed: 8)
    let drawn = bank.sample([1000, 200], using: &generator)
    var counts = [Double](repeating: 0, count: 20)
    for place in drawn.indices { counts[Int(place)] += 1 }
    // Chi-square of twenty cells: 43.8 is exceeded by chance once in a thousand times.
    let chiSquare = counts.reduce(0.0) { $0 + ($1 - 10_000) * ($1 - 10_000) / 10_000 }
    #expect(chiSquare < 43.8)
  }

  @Test("a restored bank continues with the same bits")
  func restore() throws {
    for first in [3, 5, 9] {
      var bank = MemoryBank(capacity: 5, dimension: 2)
      bank.push(rows(1...2))
      bank.push(rows(3...first))
      var restored = try MemoryBank(bank.state)
      #expect(restored == bank)
      bank.push(rows(30...33))
      restored.push(rows(30...33))
      #expect(restored == bank)
      var one = PhiloxGenerator(seed: 1)
      var two = PhiloxGenerator(seed: 1)
      #expect(bank.sample([7], using: &one) == restored.sample([7], using: &two))
    }
  }

  @Test("a stored bank whose parts disagree is refused")
  func wrongState() {
    var bank = MemoryBank(capacity: 5, dimension: 2)
    bank.push(rows(1...3))
    var state = bank.state
    state.pushed = 4
    let error = #expect(throws: MemoryBankError.self) { try MemoryBank(state) }
    #expect(error?.description.contains("rows [3, 2], 3 push numbers, capacity 5, 4 rows") == true)
  }

  @Test("ranks are merged in their order, as one push")
  func merge() {
    var merged = MemoryBank(capacity: 5, dimension: 2)
    merged.push(merging: [rows(1...2), .zeros([0, 2]), rows(3...3)])
    var plain = MemoryBank(capacity: 5, dimension: 2)
    plain.push(rows(1...3))
    #expect(merged == plain)
  }

  @Test("drawing from an empty bank stops with a message")
  func empty() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var generator = PhiloxGenerator(seed: 1)
      _ = MemoryBank(capacity: 5, dimension: 2).sample([3], using: &generator)
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("MemoryBank.sample: [3] rows of an empty bank"))
  }
}
