internal import CRFRefine
internal import Tensor

extension Benchmark {
  /// Dense CRFs of a picture as `Tests/Peers/dense_crf.py` makes it; lattices and inference.
  static let crf: [Benchmark] =
    [2, 4, 21].map { denseCRF(labels: $0, preset: .irnSeed) } + [
      denseCRF(labels: 21, preset: .psa), latticeReused(labels: 2),
    ]

  private static let height = 375
  private static let width = 500

  private static func denseCRF(labels: Int, preset: CRFPreset) -> Benchmark {
    Benchmark(
      "crf/\(preset.name) 500x375, \(labels) labels, 10 iterations",
      work: .items(1, unit: "images")
    ) {
      let (image, energies) = scene(labels)
      return {
        do {
          let crf = try DenseCRF(image: image, height: height, width: width, preset: preset)
          _ = try crf.infer(Unary(energies: energies), iterations: 10)
        } catch { fatalError("\(error)") }
      }
    }
  }

  /// Another label map of an image whose lattices are there.
  private static func latticeReused(labels: Int) -> Benchmark {
    Benchmark(
      "crf/irn-seed 500x375, \(labels) labels, lattice reused", work: .items(1, unit: "maps")
    ) {
      do {
        let (image, energies) = scene(labels)
        let crf = try DenseCRF(image: image, height: height, width: width, preset: .irnSeed)
        let unary = try Unary(energies: energies)
        return {
          do { _ = try crf.infer(unary, iterations: 10) } catch { fatalError("\(error)") }
        }
      } catch { fatalError("\(error)") }
    }
  }

  /// Eight discs on a gradient with noise, and energies that know the discs.
  private static func scene(_ labels: Int) -> (image: [UInt8], energies: Tensor) {
    var image = [UInt8](repeating: 0, count: height * width * 3)
    var energies = [Float](repeating: 0, count: height * width * labels)
    for y in 0..<height {
      for x in 0..<width {
        var disc = 0
        for part in 1...8 {
          let (dy, dx) = (y - (part * 71 + 37) % height, x - (part * 97 + 53) % width)
          let radius = 30 + part * 29 % 60
          if dy * dy + dx * dx < radius * radius { disc = part }
        }
        let pixel = y * width + x
        for channel in 0..<3 {
          let base =
            disc == 0
            ? 60 + y / 4 + x / 8 + 20 * channel : (disc * 83 + channel * 57) % 200 + 20 + x / 16
          image[pixel * 3 + channel] = UInt8(base + Int(hash(pixel * 3 + channel) >> 28) - 8)
        }
        for label in 0..<labels {
          let noise = Float(hash(pixel * labels + label) >> 8) / 16_777_216
          energies[pixel * labels + label] = (label == disc % labels ? 0.4 : 2) + noise
        }
      }
    }
    return (image, Tensor(energies, shape: [height, width, labels]))
  }

  private static func hash(_ value: Int) -> UInt32 {
    let mixed = UInt32(truncatingIfNeeded: value) &* 2_654_435_761
    return (mixed ^ mixed >> 15) &* 2_246_822_519
  }
}
