import Foundation
import Pipeline
import Tensor
import Testing

@Suite("maps of IRN and PSA")
struct IRNMapsTests {
  private func golden(_ name: String) -> String {
    Bundle.module.bundleURL.appendingPathComponent("Golden/\(name).npy").path
  }

  /// The k-th of maps that the script numbered in 32nds.
  private func map(_ index: Int, _ height: Int, _ width: Int) -> [Float] {
    (0..<height * width).map { Float(index * height * width + $0) / 32 }
  }

  private func channel(_ maps: Tensor, _ index: Int) -> [Float] {
    maps.sliced(index..<index + 1, axis: 2).scalars
  }

  @Test("classes count from 1, ascending, each with its map; the full size is preferred")
  func irn() throws {
    let file = try MapFile(contentsOf: golden("irn"))
    #expect(file.classes == [3, 15] && file.maps.shape == [4, 5, 2])
    #expect(channel(file.maps, 0) == map(1, 4, 5))
    #expect(channel(file.maps, 1) == map(0, 4, 5))
  }

  @Test("maps at the stride, in half precision, in Fortran order, by class")
  func relatives() throws {
    let strided = try MapFile(contentsOf: golden("irn_cam"))
    #expect(strided.classes == [1] && strided.maps.shape == [2, 3, 1])
    #expect(strided.maps.scalars == map(0, 2, 3))
    let transposed = try MapFile(contentsOf: golden("irn_fortran"))
    #expect(transposed.classes == [2, 6] && transposed.maps.shape == [3, 4, 2])
    #expect(channel(transposed.maps, 0) == map(0, 3, 4))
    #expect(channel(transposed.maps, 1) == map(1, 3, 4))
    let psa = try MapFile(contentsOf: golden("psa"))
    #expect(psa.classes == [4, 8])
    #expect(channel(psa.maps, 0) == map(1, 3, 4))
    #expect(channel(psa.maps, 1) == map(0, 3, 4))
  }

  @Test(
    "what holds no maps, or wants to run something, is refused by name",
    arguments: [
      ("other", "a pickle of 'keys', 'logits', expected IRN's 'keys' and 'high_res' or 'cam'"),
      (
        "mismatch",
        "'cam' has shape [1, 2, 3], expected K x H x W with K = 2, the number of 'keys'"
      ),
      ("nan", "the score of class 1 at [0, 0] is nan, expected a finite number"),
      ("key", "classes [-1], expected 0...253"),
      ("command", "refuses 'posix.system': only arrays and plain containers are read"),
      ("call", "refuses 'builtins.eval': only arrays and plain containers are read"),
    ])
  func refused(name: String, text: String) throws {
    #expect {
      _ = try MapFile(contentsOf: golden(name))
    } throws: { error in
      guard let error = error as? PipelineError else { return false }
      return error.kind == .data && error.description.hasPrefix("\(golden(name)): \(text)")
    }
    #expect(!FileManager.default.fileExists(atPath: "/tmp/owned"))
  }
}
