internal import Tensor

/// Damages files: bits, sizes, digits, missing and doubled stretches, pieces of other files.
struct Damage {
  private var generator: PhiloxGenerator

  /// The damage of one number; the same for the same arguments.
  init(seed: UInt64, number: UInt64) {
    generator = PhiloxGenerator(seed: seed, stream: number)
  }

  private mutating func below(_ bound: Int) -> Int {
    Int(truncatingIfNeeded: generator.next() % UInt64(max(bound, 1)))
  }

  /// A damaged copy of one of the files.
  mutating func apply(to files: [[UInt8]]) -> [UInt8] {
    var bytes = files[below(files.count)]
    if below(200) == 0 { return (0..<below(4096)).map { _ in UInt8(below(256)) } }
    for _ in 0...below(6) { mutate(&bytes, files) }
    return bytes
  }

  private mutating func mutate(_ bytes: inout [UInt8], _ files: [[UInt8]]) {
    guard !bytes.isEmpty else { return }
    // Headers are short and matter most: half of the damage falls into the first 512 bytes.
    let reach = below(2) == 0 ? min(bytes.count, 512) : bytes.count
    let place = below(reach)
    let length = min(1 + below(below(2) == 0 ? 8 : 256), bytes.count - place)
    switch below(9) {
    case 0: bytes[place] ^= 1 << below(8)
    case 1: bytes[place] = UInt8(below(256))
    case 2, 3: overwrite(&bytes, at: place)
    case 4: bytes.removeSubrange(place..<place + length)
    case 5: bytes.insert(contentsOf: Array(bytes[place..<place + length]), at: place)
    case 6: bytes.removeLast(below(bytes.count))
    case 7:
      let other = files[below(files.count)]
      let start = below(other.count)
      let piece = other[start..<min(start + length, other.count)]
      bytes.replaceSubrange(place..<min(place + piece.count, bytes.count), with: piece)
    default: replaceNumber(&bytes, from: place)
    }
  }

  /// Writes an integer that sizes and offsets dislike, in 1 to 8 bytes.
  private mutating func overwrite(_ bytes: inout [UInt8], at place: Int) {
    let values: [UInt64] = [
      0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff,
      0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0000, .max, UInt64(bytes.count),
      UInt64(bytes.count) - 1, 1 << UInt64(below(64)),
    ]
    var value = values[below(values.count)]
    if below(4) == 0 { value = value.byteSwapped }
    for offset in 0..<min(1 << below(4), bytes.count - place) {
      bytes[place + offset] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(offset)))
    }
  }

  /// Replaces the next run of digits by another number.
  private mutating func replaceNumber(_ bytes: inout [UInt8], from place: Int) {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard let start = bytes[place...].firstIndex(where: digits.contains) else { return }
    let end = bytes[start...].firstIndex { !digits.contains($0) } ?? bytes.count
    let numbers = [
      "0", "-1", "1", "255", "65536", "2147483648", "4294967295", "9223372036854775807",
      "-9223372036854775808", "18446744073709551616", "1e308", "99999999999999999999999",
      "1.5", "", "3037000500", "\(bytes.count)",
    ]
    bytes.replaceSubrange(start..<end, with: Array(numbers[below(numbers.count)].utf8))
  }
}
