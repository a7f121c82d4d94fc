import Autograd
import Backbone
import Foundation
import Tensor
import TensorIO
import TensorTestSupport
import Testing

@Suite("Weights")
struct WeightTests {
  private let folder: URL
  private let model: Sequential

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "weights-\(UInt64.random(in: .min ... .max))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var generator = PhiloxGenerator(seed: 1)
    model = Sequential(
      Convolution2d(inChannels: 3, outChannels: 4, kernelSize: 3, using: &generator),
      BatchNorm2d(channels: 4), Activation(.relu))
    model.eval()
  }

  private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  private func golden(_ name: String) -> String {
    Bundle.module.bundleURL.appendingPathComponent("Golden/\(name)").path
  }

  private func expectGoldenOutput() throws {
    let expected = try GoldenFile("weights", in: .module)["output"]["output"]
    let output = model(Variable(SharedNumbers.numbers(1000, [1, 5, 7, 3]))).value
    #expect(difference(from: expected, output, relative: 1e-5) == nil)
  }

  @Test("a zip file with a data-parallel model inside a checkpoint")
  func zip() throws {
    let report = try model.loadWeights(WeightFile(reading: golden("small_zip.pth")))
    #expect(report.loaded.count == 6 && report.leftOut == [] && report.kept == [])
    try expectGoldenOutput()
  }

  @Test("a legacy file without counts and with a classifier, reported")
  func legacy() throws {
    let file = try WeightFile(reading: golden("small_legacy.pth"))
    let report = try model.loadWeights(file, leavingOut: ["fc."])
    #expect(report.leftOut == ["fc.weight"] && report.kept == ["1.num_batches_tracked"])
    #expect(report.loaded.count == 5)
    #expect(
      report.description.hasSuffix(
        "loaded 5 tensors; left out: fc.weight; kept as they were: 1.num_batches_tracked"))
    try expectGoldenOutput()
  }

  @Test("what does not fit is listed in one error, and nothing is loaded")
  func misfit() throws {
    let before = model.stateDict
    var arrays = try TorchFile(reading: golden("small_legacy.pth")).tensors() ?? [:]
    arrays["1.bias"] = NumericArray(Tensor.zeros([5]))
    arrays["0.weight"] = nil
    try SafetensorsFile(arrays).write(to: path("misfit.safetensors"))
    let file = try WeightFile(reading: path("misfit.safetensors"))
    #expect {
      try model.loadWeights(file)
    } throws: { error in
      "\(error)" == """
        \(path("misfit.safetensors")): does not fit the model:
          missing '0.weight'
          unexpected 'fc.weight'
          '1.bias' has shape [5], the model expects [4]
        """
    }
    #expect(model.stateDict == before)
  }

  @Test("saved weights are read back, as PyTorch names and shapes them", arguments: [false, true])
  func roundTrip(asNPZ: Bool) throws {
    try model.loadWeights(WeightFile(reading: golden("small_zip.pth")))
    let saved = model.stateDict
    try model.saveWeights(to: path("saved.safetensors"), metadata: ["network": "small"])
    let file = try SafetensorsFile(reading: path("saved.safetensors"))
    #expect(file.arrays["0.weight"]?.shape == [4, 3, 3, 3])
    #expect(file.arrays["1.num_batches_tracked"]?.type == .int64)
    #expect(file.metadata == ["network": "small"])
    var readable = path("saved.safetensors")
    if asNPZ {
      readable = path("saved.npz")
      try NPZFile.write(file.arrays, to: readable)
    }
    var generator = PhiloxGenerator(seed: 2)
    let other = Sequential(
      Convolution2d(inChannels: 3, outChannels: 4, kernelSize: 3, using: &generator),
      BatchNorm2d(channels: 4))
    try other.loadWeights(WeightFile(reading: readable))
    #expect(other.stateDict == saved)
  }

  @Test("a part of a larger model is taken by its prefix")
  func prefix() throws {
    let arrays = try TorchFile(reading: golden("small_legacy.pth")).tensors() ?? [:]
    let nested = Dictionary(uniqueKeysWithValues: arrays.map { ("net.\($0)", $1) })
    try NPZFile.write(
      nested.merging(["head.weight": NumericArray(Tensor(1))]) { $1 }, to: path("whole.npz"))
    let report = try model.loadWeights(
      WeightFile(reading: path("whole.npz")), prefix: "net.", leavingOut: ["fc."])
    #expect(report.leftOut == ["head.weight", "net.fc.weight"])
    try expectGoldenOutput()
  }

  @Test("a published classifier is left out of a network without one, and only then")
  func classifier() throws {
    var generator = PhiloxGenerator(seed: 1)
    let whole = ResNet(.sample, classCount: 7, using: &generator)
    try whole.saveWeights(to: path("whole.safetensors"))
    let file = try WeightFile(reading: path("whole.safetensors"))
    let features = ResNet(.sample, using: &generator)
    #expect(try features.loadWeights(file).leftOut == ["fc.bias", "fc.weight"])
    #expect(try whole.loadWeights(file).leftOut == [])
    let other = ResNet(.sample, classCount: 3, using: &generator)
    #expect {
      try other.loadWeights(file)
    } throws: {
      "\($0)".contains("'fc.weight' has shape [7, 256], the model expects [3, 256]")
    }
  }

  @Test("the file of another architecture is refused with what is missing and what is too much")
  func otherArchitecture() throws {
    var generator = PhiloxGenerator(seed: 1)
    let lite = EfficientNetLite(.lite0, using: &generator)
    try lite.saveWeights(to: path("lite.safetensors"))
    let file = try WeightFile(reading: path("lite.safetensors"))
    let network = ResNet(.sample, using: &generator)
    let before = network.stateDict
    do {
      try network.loadWeights(file)
      Issue.record("loaded")
    } catch {
      let needed = network.stateDict.keys.filter { !$0.hasSuffix("num_batches_tracked") }
      #expect(error.missing.sorted() == needed.sorted())
      #expect(error.missing.contains("layer1.0.conv1.weight"))
      #expect(error.unexpected.contains("_blocks.0._depthwise_conv.weight"))
      #expect("\(error)".hasPrefix("\(path("lite.safetensors")): does not fit the model:\n"))
    }
    #expect(network.stateDict == before)
  }

  @Test(
    "arrays keep their kinds of number from format to format", arguments: ["safetensors", "npz"])
  func convert(suffix: String) throws {
    let arrays = try WeightFile.readArrays(golden("small_zip.pth"))
    try WeightFile.write(arrays, to: path("out.\(suffix)"))
    let again = try WeightFile.readArrays(path("out.\(suffix)"))
    #expect(again.mapValues(\.type) == arrays.mapValues(\.type))
    #expect(again.mapValues(\.shape) == arrays.mapValues(\.shape))
    #expect(again.mapValues(\.bytes.array) == arrays.mapValues(\.bytes.array))
    #expect(again["1.num_batches_tracked"]?.type == .int64)
    #expect {
      try WeightFile.write(arrays, to: path("out.pth"))
    } throws: {
      "\($0)".hasSuffix("out.pth: has the suffix 'pth', expected .safetensors or .npz to write")
    }
  }

  @Test("damaged and foreign files are errors that name the file and what is wrong")
  func damaged() throws {
    func message(_ name: String) -> String {
      do {
        _ = try WeightFile(reading: path(name))
        return "no error"
      } catch { return "\(error)".replacingOccurrences(of: folder.path + "/", with: "") }
    }
    #expect(message("absent.pth").hasPrefix("absent.pth: "))
    try Data("hello".utf8).write(to: folder.appendingPathComponent("text.pth"))
    #expect(message("text.pth").hasPrefix("text.pth: "))
    #expect(
      message("weights.h5")
        == "weights.h5: has the suffix 'h5', expected .pth, .pt, .bin, .safetensors or .npz")
    for name in ["small_zip.pth", "small_legacy.pth"] {
      let whole = try Data(contentsOf: URL(fileURLWithPath: golden(name)))
      for share in [3, 7, 9] {
        try whole.prefix(whole.count * share / 10).write(
          to: folder.appendingPathComponent("cut.pth"))
        #expect(message("cut.pth").hasPrefix("cut.pth: "))
      }
    }
    for suffix in ["pth", "npz", "safetensors"] {
      let name = "odd.\(suffix)"
      let file = folder.appendingPathComponent(name)
      try Data().write(to: file)
      #expect(message(name) == "\(name): is empty")
      try Data("\n<!DOCTYPE html>\n<title>404</title>".utf8).write(to: file)
      #expect(message(name) == "\(name): is a web page, not weights: the download failed")
      try Data("version https://git-lfs.github.com/spec/v1\noid sha256:1".utf8).write(to: file)
      #expect(message(name).hasPrefix("\(name): is a pointer of Git LFS, not the weights"))
      try Data("not found".utf8).write(to: file)
      #expect(message(name).hasPrefix("\(name): "))
    }
    try SafetensorsFile([:]).write(to: path("empty.safetensors"))
    #expect(message("empty.safetensors") == "empty.safetensors: holds no tensors")
    try SafetensorsFile([
      "b": NumericArray(Tensor([1, .nan])), "a": NumericArray(Tensor([.infinity])),
    ])
    .write(to: path("nan.safetensors"))
    #expect(
      message("nan.safetensors")
        == "nan.safetensors: holds infinite or undefined numbers in 'a', 'b'")
  }
}
