import Foundation
import Tensor
import TensorTestSupport
import Testing

@Suite("PixelPairs")
struct PixelPairsTests {
  @Test(
    "offsets are half of the disc, to the right first", arguments: [(2, 4), (5, 34), (10, 152)])
  func offsets(radius: Int, count: Int) {
    let pairs = PixelPairs(radius: radius)
    #expect(pairs.offsets.count == count && pairs.paths.count == count)
    #expect(pairs.offsets.first == PixelPairs.Offset(dy: 0, dx: 1))
    #expect(pairs.offsets.allSatisfy { $0.dy > 0 || $0.dx > 0 })
    #expect(pairs.offsets.allSatisfy { $0.dy * $0.dy + $0.dx * $0.dx < radius * radius })
    #expect(Set(pairs.offsets).count == count)
  }

  @Test("paths hold both ends and what lies closer than 1 to the segment, far end first")
  func paths() {
    let pairs = PixelPairs(radius: 10)
    for (offset, path) in zip(pairs.offsets, pairs.paths) {
      #expect(path.first == offset && path.last == PixelPairs.Offset(dy: 0, dx: 0))
      var wanted: Set<PixelPairs.Offset> = []
      let length = (Double(offset.dy * offset.dy + offset.dx * offset.dx)).squareRoot()
      for dy in 0...offset.dy {
        for dx in min(0, offset.dx)...max(0, offset.dx)
        where abs(Double(offset.dy * dx - offset.dx * dy)) / length < 1 {
          wanted.insert(PixelPairs.Offset(dy: dy, dx: dx))
        }
      }
      #expect(Set(path) == wanted && path.count == wanted.count)
    }
  }

  @Test(
    "affinities are naive loops'", arguments: [0, 1, 4, 15, 17], [PixelPairs.Sources.all, .inner])
  func affinities(size: Int, sources: PixelPairs.Sources) {
    var generator = PhiloxGenerator(seed: 2)
    let (height, width) = (size, size + 60)
    let boundary = generator.uniform(shape: [height, width])
    let features = generator.normal(shape: [height, width, 19])
    let pairs = PixelPairs(radius: 5)
    let near = pairs.affinities(boundary: boundary, sources: sources)
    let alike = pairs.affinities(features: features, sources: sources)
    let margin = sources == .inner ? 4 : 0
    var (wantedNear, wantedAlike) = (Tensor.zeros(near.shape), Tensor.zeros(near.shape))
    for y in 0..<max(0, height - margin) {
      for x in margin..<max(margin, width - margin) {
        for (index, offset) in pairs.offsets.enumerated() {
          let (y2, x2) = (y + offset.dy, x + offset.dx)
          guard y2 < height, (0..<width).contains(x2) else { continue }
          let most = pairs.paths[index].map { boundary[y + $0.dy, x + $0.dx] }.max() ?? 0
          wantedNear[y, index, x] = 1 - most
          let apart = (0..<19).reduce(0.0) {
            $0 + abs(Double(features[y, x, $1]) - Double(features[y2, x2, $1]))
          }
          wantedAlike[y, index, x] = Float(exp(-apart / 19))
        }
      }
    }
    #expect(near == wantedNear)
    #expect(difference(from: wantedAlike, alike, relative: 1e-6) == nil)
  }

  @Test("of equal boundaries on a path the far one gets the gradient")
  func ties() {
    // One pair: 2 x 1 pixels at radius 2, both with the same boundary.
    let loss = PixelPairs(radius: 2).boundaryLoss(
      boundary: Tensor(repeating: 0.5, shape: [1, 2, 1, 1]), displacement: nil,
      labels: LabelMap([0, 3], shape: [1, 2, 1]), sources: .all)
    #expect(loss.counts.different == 1 && loss.displacementGradient == nil)
    #expect(loss.gradient?.scalars.first == 0)
    #expect(abs((loss.gradient?.scalars.last ?? 0) + 1 / (2 * 0.50001)) < 1e-6)
  }

  @Test("maps smaller than the margins, and none at all, have no pair and loss 0")
  func empty() {
    let pairs = PixelPairs(radius: 10)
    for shape in [[2, 5, 5], [0, 20, 20], [1, 0, 7]] as [[Int]] {
      let labels = LabelMap(repeating: 0, shape: Shape(shape))
      let loss = pairs.boundaryLoss(
        boundary: .zeros(Shape(shape + [1])), displacement: .zeros(Shape(shape + [2])),
        labels: labels)
      let counts = loss.counts
      #expect(loss.total == 0 && counts.background + counts.foreground + counts.different == 0)
      #expect(loss.gradient == .zeros(Shape(shape + [1])))
      #expect(loss.displacementGradient == .zeros(Shape(shape + [2])))
      let features = pairs.featureLoss(features: .zeros(Shape(shape + [3])), labels: labels)
      #expect(features.total == 0 && features.gradient == .zeros(Shape(shape + [3])))
    }
  }
}
