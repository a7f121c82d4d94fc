import Datasets
import Tensor
import TensorTestSupport
import Testing

@Suite("Pixels of Pillow, OpenCV and torchvision")
struct PixelGoldenTests {
  static let golden = try? GoldenFile("transforms", in: .module)

  static func cases(_ kind: String) -> [String] {
    golden.map { $0.cases.map(\.name).filter { $0.hasPrefix(kind + " ") } } ?? []
  }

  func image(_ name: String, _ tensor: String = "pixels") throws -> Image {
    let numbers = try #require(Self.golden)[name][tensor]
    return Image(
      numbers.scalars.map { UInt8($0) }, height: numbers.shape[0], width: numbers.shape[1])
  }

  @Test("the golden file is there") func present() throws {
    #expect(try #require(Self.golden).cases.count == 29)
    #expect(Self.cases("resize").count == 9)
  }

  @Test("a resized picture", arguments: cases("resize"), Resampling.allCases)
  func resize(name: String, resampling: Resampling) throws {
    let golden = try #require(Self.golden)[name]
    let (height, width) = (golden.integer("height"), golden.integer("width"))
    let resized = try image("source").resized(height: height, width: width, resampling)
    // Pillow's arithmetic is ours; OpenCV keeps fractions between its passes.
    let tolerance: Float = resampling == .bilinear ? 1 : 0
    #expect(
      difference(
        from: golden["\(resampling)"], resized.tensor, relative: 0, absolute: tolerance) == nil)
  }

  @Test("a resized saliency map and mask", arguments: cases("resize"))
  func companions(name: String) throws {
    let source = try #require(Self.golden)["source"]
    let golden = try #require(Self.golden)[name]
    let (height, width) = (golden.integer("height"), golden.integer("width"))
    let sample = try Sample(
      id: "a", image: image("source"),
      mask: LabelMap(source["mask"].scalars.map { UInt8($0) }, shape: source["mask"].shape),
      saliency: GrayImage(source["gray"].scalars.map { UInt8($0) }, height: 13, width: 19))
    let resized = sample.resized(height: height, width: width)
    #expect(resized.saliency?.values.map { Float($0) } == golden["gray"].scalars)
    #expect(resized.mask?.labels.map { Float($0) } == golden["mask"].scalars)
  }

  @Test("brightness, contrast and saturation", arguments: cases("color"))
  func color(name: String) throws {
    let golden = try #require(Self.golden)[name]
    let factor = Float(golden.number("factor"))
    let source = try image("source")
    for (kind, image) in [
      ("brightness", source.adjustingBrightness(factor)),
      ("contrast", source.adjustingContrast(factor)),
      ("saturation", source.adjustingSaturation(factor)),
    ] {
      #expect(difference(from: golden[kind], image.tensor, relative: 0) == nil, "\(kind)")
    }
  }

  @Test("hue", arguments: cases("hue"))
  func hue(name: String) throws {
    let golden = try #require(Self.golden)[name]
    let turned = try image("cube").adjustingHue(Float(golden.number("turn")))
    #expect(difference(from: golden["pixels"], turned.tensor, relative: 0) == nil)
  }

  @Test("the middle of a picture, padded where it is smaller", arguments: cases("center"))
  func center(name: String) throws {
    let golden = try #require(Self.golden)[name]
    var generator = PhiloxGenerator(seed: 1)
    let crop = CenterCrop(
      height: golden.integer("height"), width: golden.integer("width"), fill: RGB(0, 0, 0))
    let cropped = try crop(Sample(id: "a", image: image("source")), using: &generator)
    #expect(difference(from: golden["pixels"], cropped.image.tensor, relative: 0) == nil)
  }

  @Test("ImageNet's normalisation")
  func normalized() throws {
    let expected = try #require(Self.golden)["normalized"]["image"].reshaped(1, 13, 19, 3)
    let input = try Normalization.imageNet(image("source"))
    #expect(difference(from: expected, input, relative: 1e-6) == nil)
    let lite = try Normalization.efficientNetLite(image("source")).scalars
    #expect(try lite == image("source").pixels.map { (Float($0) - 127) / 128 })
  }
}
