/// The members of a zip file, stored or deflated; zip64 too.
///
/// Format: PKWARE's APPNOTE 6.3. Encrypted and split archives are refused.
struct ZipArchive {
  struct Member {
    let name: String
    let offset: Int
    let compressedSize: Int
    let size: Int
    let isDeflated: Bool
    let checksum: UInt32
  }

  private let bytes: Bytes
  let members: [Member]

  static func isZip(_ bytes: Bytes) -> Bool { bytes.slice(0, 4)?.array == [0x50, 0x4b, 3, 4] }

  init(_ bytes: Bytes) throws(FormatError) {
    self.bytes = bytes
    let (start, size, count) = try Self.directory(bytes)
    guard let directory = bytes.slice(start, size), count <= size / 46 else {
      throw FormatError("has a zip directory outside of the file")
    }
    var members: [Member] = []
    var names: Set<String> = []
    var at = 0
    for _ in 0..<count {
      guard directory.integer(at, size: 4) == 0x0201_4b50 else {
        throw FormatError("has a damaged zip directory at entry \(members.count)")
      }
      let (member, length) = try Self.member(directory, at)
      guard names.insert(member.name).inserted else {
        throw FormatError("holds '\(member.name)' twice")
      }
      members.append(member)
      at += length
    }
    self.members = members
  }

  /// Where the directory is: the end record, or zip64's where a field is full.
  private static func directory(_ bytes: Bytes) throws(FormatError) -> (Int, Int, Int) {
    let lowest = max(bytes.count - 65_557, 0)
    var end = bytes.count - 22
    while end >= lowest, bytes.integer(end, size: 4) != 0x0605_4b50 { end -= 1 }
    guard end >= lowest, end >= 0, let disk = bytes.integer(end + 4, size: 2),
      let count = bytes.integer(end + 10, size: 2), let size = bytes.integer(end + 12, size: 4),
      let start = bytes.integer(end + 16, size: 4)
    else { throw FormatError("is not a whole zip file: it has no end record") }
    let isFull = count == 0xffff || size == 0xffff_ffff || start == 0xffff_ffff
    if isFull, bytes.integer(end - 20, size: 4) == 0x0706_4b50,
      let record = bytes.integer(end - 12, size: 8).flatMap({ Int(exactly: $0) }),
      bytes.integer(record, size: 4) == 0x0606_4b50,
      let count = bytes.integer(record + 32, size: 8).flatMap({ Int(exactly: $0) }),
      let size = bytes.integer(record + 40, size: 8).flatMap({ Int(exactly: $0) }),
      let start = bytes.integer(record + 48, size: 8).flatMap({ Int(exactly: $0) })
    {
      return (start, size, count)
    }
    guard disk == 0 else { throw FormatError("is a part of a split zip file") }
    return (Int(start), Int(size), Int(count))
  }

  private static func member(
    _ directory: Bytes, _ at: Int
  ) throws(FormatError) -> (Member, Int) {
    func field(_ offset: Int, _ size: Int) throws(FormatError) -> UInt64 {
      guard let value = directory.integer(at + offset, size: size) else {
        throw FormatError("has a zip directory that ends early")
      }
      return value
    }
    let (flags, method) = (try field(8, 2), try field(10, 2))
    var (compressed, size, offset) = (try field(20, 4), try field(24, 4), try field(42, 4))
    let (nameLength, extraLength) = (Int(try field(28, 2)), Int(try field(30, 2)))
    let commentLength = Int(try field(32, 2))
    guard let nameBytes = directory.slice(at + 46, nameLength), let name = nameBytes.text,
      let extra = directory.slice(at + 46 + nameLength, extraLength)
    else { throw FormatError("has a zip member without a readable name") }
    guard flags & 1 == 0 else { throw FormatError("holds '\(name)' encrypted") }
    guard method == 0 || method == 8 else {
      throw FormatError("holds '\(name)' by compression method \(method), expected 0 or 8")
    }
    // zip64's extra field: the full values, in order, without a field of their own.
    var position = 0
    while let id = extra.integer(position, size: 2),
      let length = extra.integer(position + 2, size: 2)
    {
      if id == 1 {
        var value = position + 4
        func next(_ narrow: UInt64) -> UInt64 {
          guard narrow == 0xffff_ffff, let wide = extra.integer(value, size: 8) else {
            return narrow
          }
          value += 8
          return wide
        }
        size = next(size)
        compressed = next(compressed)
        offset = next(offset)
      }
      position += 4 + Int(length)
    }
    guard let size = Int(exactly: size), let compressed = Int(exactly: compressed),
      let offset = Int(exactly: offset)
    else { throw FormatError("claims an impossible size for '\(name)'") }
    return (
      Member(
        name: name, offset: offset, compressedSize: compressed, size: size,
        isDeflated: method == 8, checksum: UInt32(try field(16, 4))),
      46 + nameLength + extraLength + commentLength
    )
  }

  /// The member's bytes, checked by their sum; not copied where they are stored.
  func read(_ member: Member) throws(FormatError) -> Bytes {
    guard bytes.integer(member.offset, size: 4) == 0x0403_4b50,
      let nameLength = bytes.integer(member.offset + 26, size: 2),
      let extraLength = bytes.integer(member.offset + 28, size: 2),
      let packed = bytes.slice(
        member.offset + 30 + Int(nameLength) + Int(extraLength), member.compressedSize)
    else { throw FormatError("holds '\(member.name)' outside of the file") }
    let content: Bytes
    if member.isDeflated {
      do throws(FormatError) { content = try Deflate.inflate(packed, to: member.size) } catch {
        throw FormatError("'\(member.name)' \(error.what)")
      }
    } else {
      guard member.size == member.compressedSize else {
        throw FormatError("claims two sizes for the stored '\(member.name)'")
      }
      content = packed
    }
    guard Deflate.checksum(content) == member.checksum else {
      throw FormatError("'\(member.name)' is damaged: its check sum differs")
    }
    return content
  }
}
