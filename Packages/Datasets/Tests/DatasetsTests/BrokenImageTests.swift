import Datasets
import Tensor
import Testing

@Suite("Broken pictures")
struct BrokenImageTests {
  func image(_ bytes: [UInt8]) -> String {
    errorText { _ = try Image(encoded: bytes, path: "a") }
  }

  func mask(_ bytes: [UInt8]) -> String {
    errorText { _ = try LabelMap(encoded: bytes, path: "m") }
  }

  @Test("a file that is not a picture") func kind() {
    #expect(image(Array("hello".utf8)) == "a: is neither a JPEG nor a PNG file")
    #expect(image([]) == "a: is empty")
  }

  @Test("a truncated JPEG, wherever it is cut") func truncatedJPEG() throws {
    for name in ["420.jpg", "422-progressive.jpg", "cmyk.jpg"] {
      let bytes = try DecodingTests.file(name)
      for count in [bytes.count - 2, bytes.count * 9 / 10, bytes.count / 2] {
        #expect(image(Array(bytes[..<count])).hasPrefix("a: cannot be read: "), "\(name) \(count)")
      }
      #expect(
        image(Array(bytes[..<(bytes.count - 40)]))
          == "a: cannot be read: the data ends early: a truncated JPEG")
      #expect(
        image(bytes[..<(bytes.count - 40)] + [0xff, 0xd9])
          == "a: cannot be read: the data ends early: a truncated JPEG")
    }
  }

  @Test("a truncated PNG, wherever it is cut") func truncatedPNG() throws {
    let bytes = try DecodingTests.file("rgb.png")
    for count in [bytes.count - 4, bytes.count - 20, bytes.count / 2, 40, 20] {
      #expect(
        image(Array(bytes[..<count]))
          == "a: cannot be read: the data ends early: a truncated PNG")
    }
  }

  @Test("a PNG with a changed byte") func checksum() throws {
    var bytes = try DecodingTests.file("rgb.png")
    bytes[100] ^= 1
    #expect(image(bytes).hasPrefix("a: cannot be read: IDAT: "))
  }

  @Test("a picture too large to hold is refused before memory is taken") func size() throws {
    var bytes = try DecodingTests.file("444.jpg")
    let frame = try #require(
      bytes.indices.first { bytes[$0] == 0xff && bytes[$0 + 1] == 0xc0 })
    bytes.replaceSubrange(frame + 5..<frame + 9, with: [0xff, 0x00, 0xff, 0x00])
    #expect(image(bytes) == "a: has 65280 x 65280 pixels, expected 1...134217728 in all")
  }

  @Test("an RGB mask in other colours than VOC's") func colors() throws {
    let folder = try TemporaryFolder()
    var pixels = [UInt8](repeating: 0, count: 4 * 3 * 3)
    pixels.replaceSubrange(15..<18, with: [1, 2, 3])
    try Image(pixels, height: 3, width: 4).writePNG(to: folder.path + "/m.png")
    #expect(
      errorText { _ = try LabelMap(contentsOf: folder.path + "/m.png") }
        == "\(folder.path)/m.png: is an RGB mask with colours that are not VOC's: "
        + "(1, 2, 3) at column 1, row 1")
  }

  @Test("a JPEG as a mask") func jpegMask() throws {
    #expect(
      try mask(DecodingTests.file("grey.jpg"))
        == "m: is a JPEG file, expected a PNG: a mask must be stored exactly")
  }

  @Test("a mask with values above 255") func values() throws {
    #expect(
      try mask(DecodingTests.file("mask-ids.png"))
        == "m: holds the value 899, expected labels 0...255")
  }

  @Test("no file, and a folder in its place") func files() throws {
    let folder = try TemporaryFolder()
    #expect(
      errorText { _ = try Image(contentsOf: folder.path + "/a.jpg") }
        == "\(folder.path)/a.jpg: No such file or directory")
    #expect(errorText { _ = try Image(contentsOf: folder.path) } == "\(folder.path): not a file")
    do {
      _ = try LabelMap(contentsOf: folder.path + "/m.png")
    } catch {
      #expect(error.isInputOutput)
    }
    do throws(DatasetError) {
      _ = try Image(encoded: [1, 2, 3], path: "a")
    } catch {
      #expect(!error.isInputOutput)
    }
  }

  @Test("a PNG of no width, and one of an unknown colour type") func header() throws {
    var bytes = try DecodingTests.file("rgb.png")
    func withHeader(_ offset: Int, _ value: UInt8) -> [UInt8] {
      var header = Array(bytes[12..<29])
      header[offset] = value
      var checksum: UInt32 = 0xffff_ffff
      for byte in header {
        checksum ^= UInt32(byte)
        for _ in 0..<8 {
          checksum = checksum & 1 == 1 ? 0xedb8_8320 ^ checksum >> 1 : checksum >> 1
        }
      }
      checksum = ~checksum
      let tail = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: checksum >> UInt32($0)) }
      return Array(bytes[..<12]) + header + tail + Array(bytes[33...])
    }
    #expect(image(withHeader(13, 5)) == "a: cannot be read: Invalid IHDR data")
    bytes[16..<20] = [0, 0, 0, 0]
    #expect(image(withHeader(4, 0)) == "a: cannot be read: Invalid IHDR data")
  }

  @Test("a folder that cannot be written") func writing() throws {
    let image = Image(red: 1, green: 2, blue: 3, height: 2, width: 2)
    #expect(
      errorText { try image.writePNG(to: "/nowhere/a.png") }
        == "/nowhere/a.png: cannot be written: No such file or directory")
  }
}
