import Datasets
import Foundation
import Tensor
import TensorTestSupport
import Testing

@Suite("Decoding")
struct DecodingTests {
  static let golden = try? GoldenFile("decoding", in: .module)

  static func names(_ ending: String) -> [String] {
    let names = golden.map { $0.cases.map(\.name) } ?? []
    return names.filter { $0.hasSuffix(ending) && !$0.hasPrefix("mask") }
  }

  static func file(_ name: String) throws -> [UInt8] {
    let folder = Bundle.module.bundleURL.appendingPathComponent("Golden/pictures")
    return [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))
  }

  @Test("the golden file is there") func present() throws {
    #expect(try #require(Self.golden).cases.count == 34)
  }

  @Test("a JPEG has Pillow's pixels", arguments: names(".jpg"))
  func jpeg(name: String) throws {
    let image = try Image(encoded: Self.file(name), path: name)
    let expected = try #require(Self.golden)[name]["pixels"]
    #expect(difference(from: expected, image.tensor, relative: 0, absolute: 1) == nil)
  }

  @Test("a JPEG decoded at a part of its size has the pixels of Pillow's draft")
  func reduced() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Self.file("large.jpg"), "large.jpg")
    let golden = try #require(Self.golden)
    // 55 x 45 pixels: 28, 14 and 7 columns remain.
    for (side, name) in [
      (1, " / 8"), (7, " / 8"), (8, " / 4"), (14, " / 4"), (15, " / 2"), (28, " / 2"), (29, ""),
      (100, ""),
    ] {
      let image = try Image(contentsOf: path, longSideAtLeast: side)
      let expected = golden["large.jpg" + name]["pixels"]
      #expect(difference(from: expected, image.tensor, relative: 0, absolute: 1) == nil, "\(side)")
    }
    let png = try folder.write(Self.file("rgb.png"), "rgb.png")
    #expect(try Image(contentsOf: png, longSideAtLeast: 1) == Image(contentsOf: png))
  }

  @Test("a PNG has Pillow's pixels exactly", arguments: names(".png"))
  func png(name: String) throws {
    let image = try Image(encoded: Self.file(name), path: name)
    let expected = try #require(Self.golden)[name]["pixels"]
    #expect(difference(from: expected, image.tensor, relative: 0) == nil)
  }

  @Test(
    "a mask is read as indices, whatever its kind of PNG",
    arguments: [
      "mask-palette.png", "mask-grey.png", "mask-voc-colours.png", "mask-grey-16.png",
      "mask-4-bit.png",
    ])
  func mask(name: String) throws {
    let mask = try LabelMap(encoded: Self.file(name), path: name)
    let expected = try #require(Self.golden)[name]["pixels"]
    #expect(mask.shape == expected.shape)
    #expect(mask.labels == expected.scalars.map { UInt8($0) })
  }

  @Test("ids are remapped, and those without a label are ignored")
  func remapping() throws {
    let remapping: [Int: UInt8] = [7: 0, 300: 1, 899: 2]
    let mask = try LabelMap(encoded: Self.file("mask-ids.png"), path: "x", remapping: remapping)
    let ids = try #require(Self.golden)["mask-ids.png"]["pixels"].scalars
    #expect(mask.labels == ids.map { remapping[Int($0)] ?? 255 })
  }

  @Test("what is written is read again")
  func writing() throws {
    let folder = try TemporaryFolder()
    let image = try Image(encoded: Self.file("rgb.png"), path: "x")
    try image.writePNG(to: folder.path + "/a.png")
    #expect(try Image(contentsOf: folder.path + "/a.png") == image)
    try image.luma.writePNG(to: folder.path + "/s.png")
    #expect(try GrayImage(contentsOf: folder.path + "/s.png") == image.luma)
    let mask = try LabelMap(encoded: Self.file("mask-palette.png"), path: "x")
    try mask.writePNG(to: folder.path + "/m.png")
    #expect(try LabelMap(contentsOf: folder.path + "/m.png") == mask)
    // The palette is VOC's: read as a picture, the mask has VOC's colours, which are labels again.
    try Image(contentsOf: folder.path + "/m.png").writePNG(to: folder.path + "/c.png")
    #expect(try LabelMap(contentsOf: folder.path + "/c.png") == mask)
    #expect(try folder.names() == ["a.png", "c.png", "m.png", "s.png"])
  }

  @Test("a JPEG of high quality is close to the picture")
  func writingJPEG() throws {
    let folder = try TemporaryFolder()
    let image = try Image(encoded: Self.file("444.jpg"), path: "x")
    try image.writeJPEG(to: folder.path + "/a.jpg", quality: 100)
    let file = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/a.jpg"))
    #expect(try image.jpegBytes(quality: 100) == Array(file))
    let again = try Image(contentsOf: folder.path + "/a.jpg")
    #expect(difference(from: image.tensor, again.tensor, relative: 0, absolute: 3) == nil)
  }

  @Test("grey is the luma of a coloured picture and the samples of a grey one")
  func gray() throws {
    let folder = try TemporaryFolder()
    let colored = try folder.write(Self.file("rgb.png"), "c.png")
    #expect(
      try GrayImage(contentsOf: colored)
        == Image(encoded: Self.file("rgb.png"), path: "x").luma)
    let gray = try folder.write(Self.file("grey.jpg"), "g.jpg")
    let expected = try #require(Self.golden)["grey.jpg"]["pixels"]
    let red = stride(from: 0, to: expected.count, by: 3).map { expected.scalars[$0] / 255 }
    #expect(try GrayImage(contentsOf: gray).tensor.scalars == red)
  }

  @Test("every kind of PNG has the luma of its colours as grey", arguments: names(".png"))
  func grayPNG(name: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Self.file(name), name)
    #expect(try GrayImage(contentsOf: path) == Image(contentsOf: path).luma)
  }

  @Test("several files decode side by side, each with its own error")
  func parallel() throws {
    let folder = try TemporaryFolder()
    let good = try folder.write(Self.file("rgb.png"), "good.png")
    let results = Image.decoding([good, folder.path + "/no.png", good])
    #expect(try results[0].get() == results[2].get())
    #expect(
      errorText { _ = try results[1].get() } == "\(folder.path)/no.png: No such file or directory")
  }

  private static let problem = VOCPictures.problem(["JPEGImages", "SegmentationClass"])

  @Test(
    "every JPEG and mask of a real data set has the size of its partner",
    .enabled(if: problem == nil, "\(problem ?? "")"))
  func realPictures() throws {
    let masks = VOCPictures.path("SegmentationClass")
    let names = try FileManager.default.contentsOfDirectory(atPath: masks)
    for name in names.sorted().prefix(40) {
      let mask = try LabelMap(contentsOf: "\(masks)/\(name)")
      let image = try Image(
        contentsOf: VOCPictures.path("JPEGImages/\(name.dropLast(4)).jpg"))
      #expect(mask.shape == [image.height, image.width])
      #expect(mask.labels.allSatisfy { $0 <= 20 || $0 == 255 })
    }
  }
}

extension Image {
  /// The samples as numbers, `[height, width, 3]`.
  var tensor: Tensor { Tensor(pixels.map { Float($0) }, shape: [height, width, 3]) }
}
