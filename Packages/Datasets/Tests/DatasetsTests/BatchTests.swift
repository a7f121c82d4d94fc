import Datasets
import Tensor
import Testing

@Suite("Batch")
struct BatchTests {
  static let plain = Normalization(mean: [0, 0, 0], standardDeviation: [1, 1, 1])

  @Test("samples of unequal sizes are padded to the largest, and their places are kept")
  func unequal() throws {
    let samples = [
      try TransformTests.sample(height: 3, width: 5),
      try TransformTests.sample(height: 4, width: 2),
    ]
    let batch = try Batch(samples, classCount: 3, normalization: Self.plain)
    #expect(batch.ids == ["a", "a"])
    #expect(batch.images.shape == [2, 4, 5, 3])
    #expect(batch.masks?.shape == [2, 4, 5])
    #expect(batch.saliency?.shape == [2, 4, 5])
    #expect(batch.maps?.shape == [2, 4, 5, 2])
    #expect(batch.contents == [PixelRegion(height: 3, width: 5), PixelRegion(height: 4, width: 2)])
    #expect(batch.imageLabels == Tensor([0, 1, 0, 0, 1, 0], shape: [2, 3]))
    let masks = try #require(batch.masks).labels
    for image in 0..<2 {
      for row in 0..<4 {
        for column in 0..<5 {
          let isInside = batch.contents[image].contains(row: row, column: column)
          let value = isInside ? Float(column + 1) : 0
          #expect(batch.images[image, row, column, 0] == value)
          #expect(batch.images[image, row, column, 1] == (isInside ? Float(row) : 0))
          #expect(batch.saliency?[image, row, column] == value / 255)
          #expect(batch.maps?[image, row, column, 0] == value)
          #expect(masks[(image * 4 + row) * 5 + column] == (isInside ? UInt8(column + 1) : 255))
        }
      }
    }
  }

  @Test("what only some samples have is an error, and so is a label that is no class")
  func mixed() throws {
    let full = try TransformTests.sample(height: 3, width: 5)
    let bare = try Sample(id: "b", image: full.image, mask: full.mask, saliency: full.saliency)
    func error(_ samples: [Sample], _ classCount: Int = 3) -> String {
      errorText { _ = try Batch(samples, classCount: classCount) }
    }
    #expect(error([full, bare]) == "b: no maps, others of its batch have one")
    let single = try Sample(
      id: "c", image: full.image, mask: full.mask, saliency: full.saliency,
      maps: .zeros([3, 5, 1]))
    #expect(error([full, single]) == "c: 1 maps, others of its batch have 2")
    let empty = try Sample(id: "d", image: full.image)
    #expect(error([empty, full]) == "d: no mask, others of its batch have one")
    #expect(error([full], 1) == "a: label 2, expected 1...1")
    #expect(try Batch([empty], classCount: 2).masks == nil)
  }

  @Test("pictures of a folder come as batches, a broken one is named and replaced")
  func folder() throws {
    let folder = try vocTree()
    let source = try VOCFolder(folder.path, list: "train")
    var options = LoaderOptions(batchSize: 2, shuffles: false, workers: 2)
    func loader() throws -> Loader<Batch> {
      try Loader(
        source.records, classCount: 20, transform: RandomCrop(7), options: options
      ) { try Sample($0, from: source, withMask: true) }
    }
    let batch = try #require(try loader().next()).batch
    #expect(batch.ids == ["a", "b"])
    #expect(batch.images.shape == [2, 7, 7, 3] && batch.masks?.shape == [2, 7, 7])
    #expect(batch.imageLabels[0, 11] == 1 && batch.imageLabels[1, 18] == 1)
    try folder.write(Array(folder.read("JPEGImages/b.jpg").dropLast(9)), "JPEGImages/b.jpg")
    let reason =
      "\(folder.path)/JPEGImages/b.jpg: cannot be read: the data ends early: a truncated JPEG"
    #expect(errorText { _ = try loader().next() } == reason)
    options.failures = .replace
    let replacing = try loader()
    #expect(try replacing.next()?.batch.ids == ["a", "a"])
    #expect(replacing.failures.map(\.reason) == [reason])
  }
}
