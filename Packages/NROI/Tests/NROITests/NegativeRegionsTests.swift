import NROI
import Tensor
import Testing

@Suite("NegativeRegions")
struct NegativeRegionsTests {
  private func embeddings(_ batch: Int) -> Tensor {
    var generator = PhiloxGenerator(seed: 11)
    return generator.normal(shape: [batch, 6, 5, 16])
  }

  @Test("only background pixels are clustered, image by image")
  func background() throws {
    var labels = LabelMap(repeating: 0, shape: [3, 6, 5])
    for pixel in 0..<10 { labels.labels[pixel] = 3 }
    for pixel in 30..<60 { labels.labels[pixel] = pixel == 40 ? 0 : 255 }
    let found = try NegativeRegions(
      embeddings: embeddings(3), labels: labels, clustering: KMeans(clusters: 4), seed: 1)
    #expect(found.pixels[0] == Array(10..<30))
    #expect(found.pixels[1] == [10])
    #expect(found.centroids.shape == [4 + 1 + 4, 16])
    // The only background pixel of the second image stands for itself.
    #expect(found.centroids[4, 0] == embeddings(3)[1, 2, 0, 0])
  }

  @Test("an image without background gives nothing")
  func none() throws {
    let found = try NegativeRegions(
      embeddings: embeddings(2), labels: LabelMap(repeating: 1, shape: [2, 6, 5]), seed: 1)
    #expect(found.images.allSatisfy { $0 == nil })
    #expect(found.centroids.shape == [0, 16])
  }

  @Test("an image's centroids depend neither on threads nor on the other images")
  func independent() throws {
    let labels = LabelMap(repeating: 0, shape: [2, 6, 5])
    let before = Threads.count
    defer { Threads.count = before }
    Threads.count = 1
    let one = try NegativeRegions(embeddings: embeddings(2), labels: labels, seed: 1)
    Threads.count = 2
    let two = try NegativeRegions(embeddings: embeddings(2), labels: labels, seed: 1)
    #expect(one.centroids == two.centroids)
    var other = embeddings(2)
    other[1, 0, 0, 0] = 100
    let changed = try NegativeRegions(embeddings: other, labels: labels, seed: 1)
    #expect(changed.images[0]?.centroids == one.images[0]?.centroids)
    let next = try NegativeRegions(embeddings: embeddings(2), labels: labels, seed: 1, step: 1)
    #expect(next.centroids != one.centroids)
  }

  @Test("an embedding that is not finite is an error that names the image")
  func notFinite() {
    var bad = embeddings(2)
    bad[1, 0, 2, 3] = .nan
    let error = #expect(throws: ClusteringError.self) {
      try NegativeRegions(
        embeddings: bad, labels: LabelMap(repeating: 0, shape: [2, 6, 5]), seed: 1)
    }
    #expect(
      error?.description == "image 1: clustering: row 2 has a value that is NaN or infinite")
  }

  @Test("maps of another size stop with both shapes")
  func mismatch() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = try NegativeRegions(
        embeddings: .zeros([1, 4, 4, 8]), labels: LabelMap(repeating: 0, shape: [1, 4, 5]), seed: 1)
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("embeddings [1, 4, 4, 8] and labels [1, 4, 5]"))
  }
}
