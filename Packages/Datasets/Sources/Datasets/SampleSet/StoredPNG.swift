/// PNG files whose bytes do not depend on a compressor's version: stored, not compressed.
enum StoredPNG {
  /// Pixels are row-major, 3 bytes each, or 1, an index of VOC's palette.
  static func encode(
    _ pixels: [UInt8], height: Int, width: Int, asGray: Bool = false
  ) -> [UInt8] {
    let isIndexed = pixels.count == height * width && !asGray
    var header = bigEndian(UInt32(width)) + bigEndian(UInt32(height))
    header += [8, isIndexed ? 3 : asGray ? 0 : 2, 0, 0, 0]
    var file: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
    file += chunk("IHDR", header)
    if isIndexed { file += chunk("PLTE", VOCPalette.colors) }
    file += chunk("IDAT", stored(rows(pixels, height: height)))
    return file + chunk("IEND", [])
  }

  /// The rows, each after its filter's number, 0.
  private static func rows(_ pixels: [UInt8], height: Int) -> [UInt8] {
    let length = pixels.count / height
    var rows: [UInt8] = []
    rows.reserveCapacity(pixels.count + height)
    for row in 0..<height {
      rows.append(0)
      rows += pixels[row * length..<(row + 1) * length]
    }
    return rows
  }

  /// A zlib stream (RFC 1950) of stored blocks (RFC 1951, 3.2.4).
  private static func stored(_ bytes: [UInt8]) -> [UInt8] {
    var stream: [UInt8] = [0x78, 0x01]
    stream.reserveCapacity(bytes.count + bytes.count >> 12 + 16)
    var start = 0
    repeat {
      let length = min(bytes.count - start, 0xffff)
      let isLast = start + length == bytes.count
      stream += [isLast ? 1 : 0, UInt8(length & 255), UInt8(length >> 8)]
      stream += [UInt8(~length & 255), UInt8(~length >> 8 & 255)]
      stream += bytes[start..<start + length]
      start += length
    } while start < bytes.count
    var (a, b): (UInt32, UInt32) = (1, 0)
    for byte in bytes {
      a = (a + UInt32(byte)) % 65_521
      b = (b + a) % 65_521
    }
    return stream + bigEndian(b << 16 | a)
  }

  private static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let content = Array(type.utf8) + data
    var checksum: UInt32 = 0xffff_ffff
    for byte in content {
      checksum = checksumTable[Int((checksum ^ UInt32(byte)) & 255)] ^ checksum >> 8
    }
    return bigEndian(UInt32(data.count)) + content + bigEndian(~checksum)
  }

  private static let checksumTable: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in
      value & 1 == 1 ? 0xedb8_8320 ^ value >> 1 : value >> 1
    }
  }

  private static func bigEndian(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }
}
