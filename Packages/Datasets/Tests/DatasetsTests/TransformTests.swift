import Datasets
import Tensor
import Testing

@Suite("Transforms")
struct TransformTests {
  /// A sample whose parts all say where a pixel came from: red, mask, saliency and map hold the
  /// column + 1, green holds the row.
  static func sample(height: Int, width: Int) throws -> Sample {
    var pixels: [UInt8] = []
    for y in 0..<height { for x in 0..<width { pixels += [UInt8(x + 1), UInt8(y), 7] } }
    let columns = (0..<height * width).map { UInt8($0 % width + 1) }
    return try Sample(
      id: "a", image: Image(pixels, height: height, width: width), labels: [2],
      mask: LabelMap(columns, shape: [height, width]),
      saliency: GrayImage(columns, height: height, width: width),
      maps: Tensor(columns.flatMap { [Float($0), 0.5] }, shape: [height, width, 2]))
  }

  /// Checks that all parts agree at every pixel, and are padding outside of the content.
  func expectInStep(_ sample: Sample, fill: RGB = .imageNetMean) throws {
    let mask = try #require(sample.mask).labels
    let saliency = try #require(sample.saliency).values
    let maps = try #require(sample.maps)
    for row in 0..<sample.image.height {
      for column in 0..<sample.image.width {
        let pixel = sample.image[row, column]
        let index = row * sample.image.width + column
        if sample.content.contains(row: row, column: column) {
          #expect(mask[index] == pixel.red && saliency[index] == pixel.red && pixel.blue == 7)
          #expect(maps[row, column, 0] == Float(pixel.red) && maps[row, column, 1] == 0.5)
        } else {
          #expect(pixel == (fill.red, fill.green, fill.blue))
          #expect(mask[index] == 255 && saliency[index] == 0 && maps[row, column, 1] == 0)
        }
      }
    }
  }

  @Test("a random crop keeps all parts in step and says where the picture lies")
  func crop() throws {
    var corners: Set<[Int]> = []
    for stream in 0..<60 {
      var generator = PhiloxGenerator(seed: 4, stream: UInt64(stream))
      let sample = try Self.sample(height: 6, width: 9)
      let cropped = RandomCrop(height: 7, width: 7)(sample, using: &generator)
      #expect(cropped.image.height == 7 && cropped.image.width == 7)
      #expect(cropped.content.height == 6 && cropped.content.width == 7)
      #expect(cropped.content.left == 0 && cropped.labels == [2])
      try expectInStep(cropped)
      let first = cropped.image[cropped.content.top, 0]
      #expect(first.green == 0)
      corners.insert([cropped.content.top, Int(first.red)])
    }
    // Two places of the picture in the window, three of the window in the picture.
    #expect(corners == [[0, 1], [0, 2], [0, 3], [1, 1], [1, 2], [1, 3]])
  }

  @Test("a flip mirrors all parts and the content")
  func flip() throws {
    var generator = PhiloxGenerator(seed: 1)
    let window = PixelRegion(top: -1, left: 2, height: 8, width: 12)
    let sample = try Self.sample(height: 6, width: 9).cropped(to: window, fill: RGB(1, 2, 3))
    #expect(sample.content == PixelRegion(top: 1, left: 0, height: 6, width: 7))
    let flipped = RandomFlip(probability: 1)(sample, using: &generator)
    #expect(flipped.content == PixelRegion(top: 1, left: 5, height: 6, width: 7))
    try expectInStep(flipped, fill: RGB(1, 2, 3))
    #expect(flipped.image[1, 11].red == 3)
    #expect(flipped.flipped().image == sample.image)
    #expect(RandomFlip(probability: 0)(sample, using: &generator).image == sample.image)
    let heads = (0..<1000).filter { _ in
      RandomFlip()(sample, using: &generator).image != sample.image
    }
    #expect((440...560).contains(heads.count))
  }

  @Test("a random long side is drawn from the whole range and keeps the picture's proportions")
  func longSide() throws {
    var generator = PhiloxGenerator(seed: 1)
    let sample = try Self.sample(height: 10, width: 20)
    var sides: Set<Int> = []
    for _ in 0..<200 {
      let resized = RandomLongSide(30...36)(sample, using: &generator)
      sides.insert(resized.image.width)
      #expect(abs(resized.image.height * 2 - resized.image.width) <= 1)
      #expect(resized.mask?.shape == [resized.image.height, resized.image.width])
      #expect(resized.maps?.shape == [resized.image.height, resized.image.width, 2])
      #expect(
        resized.content
          == PixelRegion(height: resized.image.height, width: resized.image.width))
    }
    #expect(sides == Set(30...36))
  }

  @Test("a random scale is drawn from the whole range")
  func scale() throws {
    var generator = PhiloxGenerator(seed: 1)
    let sample = try Self.sample(height: 20, width: 40)
    let heights = Set(
      (0..<300).map { _ in RandomScale(0.5...1.5)(sample, using: &generator).image.height })
    #expect(heights == Set(10...30))
  }

  @Test("content is scaled with its picture")
  func scaledContent() throws {
    let window = PixelRegion(top: -2, left: -3, height: 10, width: 20)
    let sample = try Self.sample(height: 6, width: 9).cropped(to: window)
    #expect(
      sample.resized(height: 20, width: 10).content
        == PixelRegion(top: 4, left: 1, height: 12, width: 5))
  }

  @Test("the same generator gives the same sample, another one another")
  func deterministic() throws {
    let transform = Compose([
      RandomScale(0.5...1.5), RandomFlip(),
      ColorJitter(brightness: 0.3, contrast: 0.3, saturation: 0.3, hue: 0.1), RandomCrop(16),
    ])
    let sample = try Self.sample(height: 20, width: 24)
    func run(_ stream: UInt64) -> Sample {
      var generator = PhiloxGenerator(seed: 9, stream: stream)
      return transform(sample, using: &generator)
    }
    #expect(run(1).image == run(1).image && run(1).mask == run(1).mask)
    #expect(run(1).maps == run(1).maps && run(1).content == run(1).content)
    #expect(Set((0..<20).map { run($0).image }).count == 20)
  }

  @Test("colour jitter changes the picture alone, and nothing at amount 0")
  func jitter() throws {
    var generator = PhiloxGenerator(seed: 1)
    let sample = try Self.sample(height: 20, width: 24)
    let same = ColorJitter()(sample, using: &generator)
    #expect(same.image == sample.image)
    let brighter = ColorJitter(brightness: 0.5)(sample, using: &generator)
    #expect(brighter.image != sample.image && brighter.mask == sample.mask)
    // Brightness alone multiplies every sample by one factor.
    #expect((3...10).contains(brighter.image[0, 0].blue))
  }

  @Test("parts of other sizes than the picture are refused")
  func sizes() throws {
    let image = Image(red: 1, green: 2, blue: 3, height: 4, width: 5)
    #expect(
      errorText {
        _ = try Sample(id: "cat", image: image, mask: LabelMap(repeating: 0, shape: [5, 4]))
      } == "cat: a mask of 4 x 5 pixels, its picture has 5 x 4")
    #expect(
      errorText {
        _ = try Sample(
          id: "cat", image: image,
          saliency: GrayImage([UInt8](repeating: 0, count: 4), height: 2, width: 2))
      } == "cat: a saliency map of 2 x 2 pixels, its picture has 5 x 4")
    #expect(
      errorText { _ = try Sample(id: "cat", image: image, maps: .zeros([4, 4, 3])) }
        == "cat: maps of 4 x 4 pixels, its picture has 5 x 4")
  }

  @Test("a batch of masks is reduced to a stride by the labels at the centres")
  func stride() {
    let labels = LabelMap((0..<64).map { UInt8($0) }, shape: [1, 8, 8])
    let batch = LabelMap(labels.labels + labels.labels.reversed(), shape: [2, 8, 8])
    let reduced = batch.resizedNearestExact(height: 2, width: 2)
    #expect(reduced.shape == [2, 2, 2])
    #expect(reduced.labels == [18, 22, 50, 54, 45, 41, 13, 9])
  }

  @Test("a multi-scale set has every scale and its mirror image")
  func views() throws {
    let image = try Self.sample(height: 10, width: 15).image
    let views = image.inferenceViews(scales: [1, 0.5, 1.5], normalization: .efficientNetLite)
    #expect(views.map(\.scale) == [1, 1, 0.5, 0.5, 1.5, 1.5])
    #expect(views.map(\.isFlipped) == [false, true, false, true, false, true])
    // Python's round: 7.5 and 22.5 go to even.
    #expect(
      views.map(\.input.shape) == [
        [1, 10, 15, 3], [1, 10, 15, 3], [1, 5, 8, 3], [1, 5, 8, 3], [1, 15, 22, 3], [1, 15, 22, 3],
      ])
    #expect(views[0].input == Normalization.efficientNetLite(image))
    for column in 0..<22 {
      #expect(views[4].input[0, 3, column, 0] == views[5].input[0, 3, 21 - column, 0])
    }
    #expect(image.inferenceViews(scales: [2], withFlips: false).count == 1)
  }
}
