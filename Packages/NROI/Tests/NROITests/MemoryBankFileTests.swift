import Foundation
import NROI
import Tensor
import TensorIO
import Testing

@Suite("MemoryBank in files")
struct MemoryBankFileTests {
  private let path = FileManager.default.temporaryDirectory
    .appendingPathComponent("bank-\(UUID().uuidString).safetensors").path

  private func bank(_ rows: Int) -> MemoryBank {
    var generator = PhiloxGenerator(seed: 7)
    var bank = MemoryBank(capacity: 11, dimension: 3)
    for _ in 0..<3 { bank.push(generator.normal(shape: [rows, 3])) }
    return bank
  }

  @Test("a file restores every bit, and what follows", arguments: [0, 2, 5])
  func roundTrip(rows: Int) throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    var before = bank(rows)
    try before.write(to: path)
    var after = try MemoryBank(reading: path)
    #expect(after == before)
    #expect(after.rows.scalars.map(\.bitPattern) == before.rows.scalars.map(\.bitPattern))
    var generator = PhiloxGenerator(seed: 8)
    let more = generator.normal(shape: [4, 3])
    before.push(more)
    after.push(more)
    #expect(after == before && after.statistics == before.statistics)
  }

  @Test("a checkpoint's other arrays are left alone")
  func within() throws {
    var arrays = bank(4).state.arrays
    arrays["model.weight"] = NumericArray(.ones([2]))
    #expect(try MemoryBank(.init(arrays)) == bank(4))
  }

  @Test("an array that is missing or of another kind is named with the file")
  func damaged() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    var arrays = bank(4).state.arrays
    arrays["push_of_row"] = NumericArray(.ones([11]))
    try SafetensorsFile(arrays).write(to: path)
    var error = #expect(throws: MemoryBankError.self) { try MemoryBank(reading: path) }
    #expect(
      error?.description
        == "\(path): 'push_of_row' is [11] of float32, expected [count] of int32")
    arrays["counters"] = nil
    error = #expect(throws: MemoryBankError.self) { try MemoryBank.State(arrays) }
    #expect(error?.description.hasPrefix("memory bank: 'push_of_row'") == true)
    arrays = bank(4).state.arrays
    arrays["counters"] = NumericArray(integers: [11, 3, 3], shape: [3])
    try SafetensorsFile(arrays).write(to: path)
    error = #expect(throws: MemoryBankError.self) { try MemoryBank(reading: path) }
    #expect(error?.description.hasPrefix("\(path): memory bank: rows [11, 3]") == true)
  }
}
