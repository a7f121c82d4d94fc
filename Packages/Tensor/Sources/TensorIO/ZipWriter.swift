/// Builds a zip file of named members; zip64 where sizes need it.
struct ZipWriter {
  private var parts: [Bytes] = []
  private var directory: [UInt8] = []
  private var offset = 0
  private var count = 0

  /// Adds a member, deflated where asked for and where that makes it smaller.
  mutating func add(_ name: String, _ content: [Bytes], compressing: Bool) {
    let whole = content.count == 1 ? content[0] : Bytes(content.flatMap(\.array))
    let deflated = compressing ? Deflate.deflate(whole) : nil
    let packed = deflated.flatMap { $0.count < whole.count ? $0 : nil } ?? whole
    let method = packed.count < whole.count ? 8 : 0
    let checksum = Int(Deflate.checksum(whole))
    let nameBytes = Array(name.utf8)

    // Sizes in zip64's extra field, always: readers take both.
    let sizes = little(whole.count, 8) + little(packed.count, 8)
    let local =
      little(0x0403_4b50, 4) + little(45, 2) + little(0x800, 2) + little(method, 2)
      + little(0, 2) + little(0x21, 2) + little(checksum, 4) + [UInt8](repeating: 255, count: 8)
      + little(nameBytes.count, 2) + little(20, 2) + nameBytes + little(1, 2) + little(16, 2)
      + sizes
    directory +=
      little(0x0201_4b50, 4) + little(45, 2) + little(45, 2) + little(0x800, 2)
      + little(method, 2) + little(0, 2) + little(0x21, 2) + little(checksum, 4)
      + [UInt8](repeating: 255, count: 8) + little(nameBytes.count, 2) + little(28, 2)
      + little(0, 2) + little(0, 2) + little(0, 2) + little(0, 4)
      + [UInt8](repeating: 255, count: 4) + nameBytes + little(1, 2) + little(24, 2) + sizes
      + little(offset, 8)
    parts += [Bytes(local), packed]
    offset += local.count + packed.count
    count += 1
  }

  /// The file's bytes.
  func finished() -> [Bytes] {
    let record =
      little(0x0606_4b50, 4) + little(44, 8) + little(45, 2) + little(45, 2) + little(0, 4)
      + little(0, 4) + little(count, 8) + little(count, 8) + little(directory.count, 8)
      + little(offset, 8)
    let locator =
      little(0x0706_4b50, 4) + little(0, 4) + little(offset + directory.count, 8) + little(1, 4)
    let end =
      little(0x0605_4b50, 4) + little(0, 4) + little(min(count, 0xffff), 2)
      + little(min(count, 0xffff), 2) + little(min(directory.count, 0xffff_ffff), 4)
      + [UInt8](repeating: 255, count: 4) + little(0, 2)
    return parts + [Bytes(directory + record + locator + end)]
  }

  private func little(_ value: Int, _ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
