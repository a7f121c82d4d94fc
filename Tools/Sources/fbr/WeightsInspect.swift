import ArgumentParser
import Backbone
import Pipeline
import Tensor
import TensorIO

struct WeightsInspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Print the tensors of a file of weights: name, kind, shape and range.",
    discussion: """
      Ends with 65 where the file is damaged or holds infinite or undefined numbers.

      EXAMPLES
        fbr weights inspect weights/efficientnet-lite0-57934424.pth
      """)

  @Argument(help: "A .pth, .pt, .bin, .safetensors or .npz file.", completion: .file())
  var file: String

  @Flag(help: "Print JSON instead of a table.")
  var json = false

  func run() throws {
    try endingOnDataErrors {
      let arrays = try WeightFile.readArrays(file)
      let tensors = arrays.sorted { isBefore($0.key, $1.key) }.map { Entry(name: $0, $1) }
      let contents = Contents(
        file: file, tensors: tensors, count: arrays.values.reduce(0) { $0 + $1.count },
        bytes: arrays.values.reduce(0) { $0 + $1.bytes.count })
      if json { try printJSON(contents) } else { print(contents.table) }
      // The same error a network would stop with.
      _ = try WeightFile(reading: file)
    }
  }

  private struct Contents: Encodable {
    let file: String
    let tensors: [Entry]
    /// Numbers in all tensors.
    let count: Int
    let bytes: Int

    var table: String {
      let rows = tensors.map {
        [
          $0.name, $0.type, $0.shape.map(String.init).joined(separator: " x "),
          $0.minimum.map { "\($0)" } ?? "", $0.maximum.map { "\($0)" } ?? "",
        ]
      }
      return alignedTable([["tensor", "kind", "shape", "least", "largest"]] + rows)
        + "\n\(tensors.count) tensors, \(count) numbers, \(bytes) bytes"
    }
  }

  private struct Entry: Encodable {
    let name, type: String
    let shape: [Int]
    /// Of the finite numbers; absent where there are none.
    let minimum, maximum: Float?

    init(name: String, _ array: NumericArray) {
      (self.name, type, shape) = (name, array.type.rawValue, array.shape)
      let finite = array.tensor.scalars.lazy.filter(\.isFinite)
      (minimum, maximum) = (finite.min(), finite.max())
    }
  }
}

/// Names in the order people read them: `layer.2` before `layer.10`.
private func isBefore(_ first: String, _ second: String) -> Bool {
  let (a, b) = (first.split(separator: "."), second.split(separator: "."))
  for (x, y) in zip(a, b) where x != y {
    if let x = Int(x), let y = Int(y) { return x < y }
    return x < y
  }
  return a.count < b.count
}
