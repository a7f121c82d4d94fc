import Foundation
import Pipeline
import Tensor
import TensorIO
import Testing

@Suite("MapFile")
struct MapFileTests {
  private let path = FileManager.default.temporaryDirectory
    .appendingPathComponent("\(UUID().uuidString).npz").path

  @Test("maps read back in half precision") func roundTrip() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    var generator = PhiloxGenerator(seed: 1)
    let maps = generator.uniform(shape: [3, 5, 2])
    try MapFile(classes: [2, 7], maps: maps).write(to: path)
    let file = try MapFile(contentsOf: path)
    #expect(file.classes == [2, 7])
    for (read, written) in zip(file.maps.scalars, maps.scalars) {
      #expect(abs(read - written) < 1e-3)
    }
  }

  @Test("maps of a network that diverged are not written") func diverged() {
    let maps = Tensor(repeating: .nan, shape: [2, 2, 1])
    #expect {
      try MapFile(classes: [1], maps: maps).write(to: path)
    } throws: { error in
      "\(error)"
        == "\(path): the network's scores are not finite: it diverged; lower its learning rate"
    }
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test("files that hold no maps, or maps that are none, say so") func broken() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    func expect(_ arrays: [String: NumericArray], _ text: String) throws {
      try NPZFile.write(arrays, to: path)
      #expect {
        _ = try MapFile(contentsOf: path)
      } throws: { error in
        "\(error)".contains(path) && "\(error)".contains(text)
      }
    }
    let maps = NumericArray(Tensor.ones([2, 2, 1]))
    try expect(["maps": maps], "expected 'classes' and 'maps'")
    try expect(
      ["classes": NumericArray(Tensor([1])), "maps": maps],
      "'classes' is of type float32, expected whole numbers")
    try expect(
      ["classes": NumericArray(integers: [1], shape: [1]), "maps": NumericArray(Tensor([1]))],
      "'maps' has shape [1], expected H x W x K")
    try expect(
      ["classes": NumericArray(integers: [1, 2], shape: [2]), "maps": maps], "classes [1, 2]")
    try expect(["classes": NumericArray(integers: [0], shape: [1]), "maps": maps], "1...254")
    try expect(
      [
        "classes": NumericArray(integers: [1], shape: [1]),
        "maps": NumericArray(Tensor(repeating: .nan, shape: [2, 2, 1])),
      ], "expected a finite number")
  }
}
