internal import Autograd
internal import Backbone
internal import CRFRefine
internal import Tensor

extension Benchmark {
  /// Random walks over affinities, and the losses of pairs that boundary networks train on.
  static let walk: [Benchmark] = [
    randomWalk(128, 128, maps: 3, radius: 5), randomWalk(94, 125, maps: 2, radius: 5),
    randomWalk(384, 512, maps: 3, radius: 5), randomWalk(128, 128, maps: 3, radius: 10),
    irnLoss(batch: 16), irnLoss(batch: 8), affinityLoss(batch: 8),
  ]

  /// A boundary map as `Tests/Peers/random_walk.py` makes it.
  private static func boundary(_ height: Int, _ width: Int) -> Tensor {
    let values = (0..<height * width).map { pixel in
      Float((UInt32(pixel) &* 2_654_435_761) >> 16 % 1000) / 2000
    }
    return Tensor(values, shape: [height, width])
  }

  private static func randomWalk(
    _ height: Int, _ width: Int, maps: Int, radius: Int
  ) -> Benchmark {
    Benchmark(
      "walk/\(maps) maps \(height)x\(width), radius \(radius), 256 steps",
      work: .items(1, unit: "images")
    ) {
      let boundary = boundary(height, width)
      var generator = PhiloxGenerator(seed: 1)
      let scores = generator.uniform(shape: [height, width, maps])
      return {
        do {
          _ = try RandomWalk.irn.propagate(scores, boundary: boundary, radius: radius)
        } catch { fatalError("\(error)") }
      }
    }
  }

  /// Labels in blocks of 8 pixels, a third of them unknown.
  private static func blocks(_ batch: Int, _ size: Int) -> LabelMap {
    let labels = (0..<batch * size * size).map { pixel -> UInt8 in
      let (image, y, x) = (pixel / (size * size), pixel / size % size, pixel % size)
      let block = UInt32(image * 1009 + y / 8 * 31 + x / 8) &* 2_654_435_761
      return [0, 0, 3, 7, 255, 255][Int(block >> 16) % 6]
    }
    return LabelMap(labels, shape: [batch, size, size])
  }

  private static func irnLoss(batch: Int) -> Benchmark {
    Benchmark(
      "walk/IRN loss, \(batch) maps 128x128, radius 10, forward and backward",
      work: .items(Double(batch), unit: "images")
    ) {
      var generator = PhiloxGenerator(seed: 2)
      let logits = generator.normal(shape: [batch, 128, 128, 1])
      let displacement = generator.normal(shape: [batch, 128, 128, 2])
      let labels = blocks(batch, 128)
      let pairs = PixelPairs(radius: 10)
      return {
        let output = IRN.Output(
          boundary: Variable(logits, requiresGradient: true),
          displacement: Variable(displacement, requiresGradient: true))
        IRNLoss(output, labels: labels, pairs: pairs).total.backward()
      }
    }
  }

  private static func affinityLoss(batch: Int) -> Benchmark {
    Benchmark(
      "walk/PSA loss, \(batch) maps 56x56x448, radius 5, forward and backward",
      work: .items(Double(batch), unit: "images")
    ) {
      var generator = PhiloxGenerator(seed: 3)
      let features = generator.normal(shape: [batch, 56, 56, 448])
      let labels = blocks(batch, 56)
      return {
        let features = Variable(features, requiresGradient: true)
        AffinityLoss(features, labels: labels).total.backward()
      }
    }
  }
}
