internal import Datasets
internal import Foundation
internal import Tensor

extension Benchmark {
  /// Decoding, resizing, colours and whole batches, as `Tests/Peers/pictures.py` does them.
  ///
  /// Of the JPEG files in the folder that `FBR_PICTURES` names, else of 128 drawn ones.
  static var datasets: [Benchmark] {
    [
      Benchmark("datasets/decode", work: .items(Double(Pictures.count), unit: "images")) {
        let paths = Pictures.shared.paths
        return { for result in Image.decoding(paths) { _ = succeed { try result.get() } } }
      },
      one("resize 500x375 to 640x480") { image, _ in image.resized(height: 480, width: 640) },
      one("resize 500x375 to 250x188") { image, _ in image.resized(height: 188, width: 250) },
      one("resize 500x375 to 640x480, bicubic") { image, _ in
        image.resized(height: 480, width: 640, .bicubic)
      },
      one("color jitter 500x375") { image, generator in
        ColorJitter(brightness: 0.3, contrast: 0.3, saturation: 0.3, hue: 0.1)(
          succeed { try Sample(id: "", image: image) }, using: &generator
        ).image
      },
      loader("crops 320x320", Compose([RandomLongSide(320...640), RandomFlip(), RandomCrop(320)])),
      loader(
        "crops 320x320 with color jitter",
        Compose([
          RandomLongSide(320...640), RandomFlip(),
          ColorJitter(brightness: 0.3, contrast: 0.3, saturation: 0.3, hue: 0.1), RandomCrop(320),
        ])),
      loader("crops 512x512", Compose([RandomLongSide(320...640), RandomFlip(), RandomCrop(512)])),
    ]
  }

  /// One picture on one thread.
  private static func one(
    _ name: String, _ body: @escaping @Sendable (Image, inout PhiloxGenerator) -> Image
  ) -> Benchmark {
    Benchmark("datasets/\(name)", work: .items(1, unit: "images")) {
      let image = Pictures.drawn(0)
      var generator = PhiloxGenerator(seed: 1)
      return { _ = body(image, &generator) }
    }
  }

  /// An epoch of batches of 16 from files: decoded, augmented, normalised.
  private static func loader(_ name: String, _ transform: Compose) -> Benchmark {
    let batches = Pictures.count / 16
    return Benchmark(
      "datasets/loader, \(name)", work: .items(Double(batches * 16), unit: "images")
    ) {
      let paths = Pictures.shared.paths
      return {
        succeed {
          let loader = try Loader(
            count: paths.count, options: LoaderOptions(batchSize: 16, dropsLast: true),
            load: { index, generator in
              transform(
                try Sample(id: paths[index], image: Image(contentsOf: paths[index])),
                using: &generator)
            },
            collate: { try Batch($0, classCount: 20) })
          while try loader.next() != nil {}
        }
      }
    }
  }

  private static func succeed<Value>(_ body: () throws -> Value) -> Value {
    do { return try body() } catch { fatalError("\(error)") }
  }
}

/// JPEG files to measure with.
private final class Pictures: Sendable {
  static let shared = Pictures()
  static let folder = ProcessInfo.processInfo.environment["FBR_PICTURES"]
  static let count = folder == nil ? 128 : shared.paths.count

  let paths: [String]

  private init() {
    do {
      let folder = try Self.folder ?? Self.draw()
      paths = try FileManager.default.contentsOfDirectory(atPath: folder)
        .filter { $0.hasSuffix(".jpg") }.sorted().map { "\(folder)/\($0)" }
    } catch { fatalError("\(error)") }
  }

  /// Draws pictures into a folder that the process leaves to the system's cleaning.
  private static func draw() throws -> String {
    let folder = FileManager.default.temporaryDirectory.path + "/fbr-bench-pictures"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for index in 0..<128 {
      let path = "\(folder)/\(index).jpg"
      if FileManager.default.fileExists(atPath: path) { continue }
      try drawn(index).writeJPEG(to: path, quality: 85)
    }
    return folder
  }

  /// Waves of several lengths with a grain, about as hard to code as a photograph.
  static func drawn(_ index: Int) -> Image {
    var pixels: [UInt8] = []
    pixels.reserveCapacity(375 * 500 * 3)
    for y in 0..<375 {
      for x in 0..<500 {
        let mixed = UInt32(truncatingIfNeeded: y * 500 + x + index * 1_000_003) &* 2_654_435_761
        let grain = Double(mixed >> 27) - 16
        for channel in 0..<3 {
          let wave =
            sin(Double(x * (channel + 1) + index * 31) / 37) * 60
            + sin(Double(y * 3 + x + channel * 40) / 11) * 30
          pixels.append(UInt8(min(max(128 + wave + grain, 0), 255)))
        }
      }
    }
    return Image(pixels, height: 375, width: 500)
  }
}
