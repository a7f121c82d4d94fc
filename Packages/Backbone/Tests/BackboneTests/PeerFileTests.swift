import Autograd
import Backbone
import Foundation
import Tensor
import TensorIO
import Testing

/// Where the script wants its files.
private let peerFolder = ProcessInfo.processInfo.environment["FBR_PEER_FILES"]

/// Writes what `Tests/Peers/check_backbone.py` compares with PyTorch and onnxruntime. That script
/// runs these tests with FBR_PEER_FILES set to a folder of its own; they do nothing otherwise.
@Suite("Files for peers", .enabled(if: peerFolder != nil))
struct PeerFileTests {
  private func path(_ name: String) throws -> String { "\(try #require(peerFolder))/\(name)" }

  @Test("EfficientNet-Lite0's scores of the script's pictures")
  func scores() throws {
    guard FileManager.default.fileExists(atPath: try path("pixels.npy")) else { return }
    let pixels = try NPYFile.read(path("pixels.npy"))
    var generator = PhiloxGenerator(seed: 1)
    let network = EfficientNetLite(.lite0, classCount: 1000, using: &generator)
    let report = try network.loadWeights(WeightFile(reading: path("weights.pth")))
    #expect(report.loaded.count == 296 && report.leftOut == [] && report.kept == [])
    network.eval()
    let images = pixels.tensor
    let scores = withoutGradients {
      stride(from: 0, to: images.shape[0], by: 16).map { start in
        let batch = images.sliced(start..<min(start + 16, images.shape[0]), axis: 0)
        return network.logits(Variable(network.inputPreset(batch))).value
      }
    }
    try NPYFile.write(NumericArray(Tensor(concatenating: scores)), to: path("scores.npy"))
    try network.saveWeights(to: path("saved.safetensors"))
  }
}
